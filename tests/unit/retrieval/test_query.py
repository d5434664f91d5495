"""Understanding: what is refused, what is inferred, what binds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import QuestionError, SettingsError
from assistant.retrieval.query import clean_question, of_part, understand
from assistant.types import Filters, Turn


class Holdings:
    def publishers(self) -> tuple[str, ...]:
        return ("Marlow Gazette", "The Meridian Post")

    def days(self) -> tuple[date, date]:
        return (date(2020, 1, 1), date(2022, 12, 31))


@pytest.mark.parametrize("question", ["", "  \n", "?!…", "\x00\x07", "\u202e\u200b"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        understand(question, Holdings())


def test_a_question_of_100_kb_is_refused_with_the_limit() -> None:
    with pytest.raises(QuestionError, match="2,000"):
        understand("why " * 25_000, Holdings())


def test_control_and_direction_characters_are_taken_out() -> None:
    assert clean_question("Who\x00 \u202edenied\n\tit?") == "Who denied it?"


def test_tags_and_entities_of_a_pasted_question_are_taken_out() -> None:
    pasted = 'Why did <a href="https://example.org/newsom">Newsom</a> sue AT&amp;T?<br>'
    assert clean_question(pasted) == "Why did Newsom sue AT&T?"
    assert clean_question("Is 3 < 4 and 5 > 2?") == "Is 3 < 4 and 5 > 2?"


def test_a_pasted_question_is_shown_as_typed_and_searched_without_its_markup() -> None:
    pasted = 'Why did <a href="https://example.org/newsom">Newsom</a>\nsue?'
    query = understand(pasted, Holdings(), as_of=date(2022, 12, 1))
    assert query.question == 'Why did <a href="https://example.org/newsom">Newsom</a> sue?'
    assert query.standalone_question == "Why did Newsom sue?"
    later = understand("And when did he?", Holdings(), history=[Turn(pasted, "Over AT&T.")])
    assert "Newsom" in later.context + later.standalone_question
    assert "href" not in later.context + later.standalone_question


@given(st.text(max_size=300) | st.text("<a/> &;ltamp#3", max_size=60))
def test_any_text_is_cleaned_or_refused(question: str) -> None:
    try:
        cleaned = clean_question(question)
    except QuestionError:
        return
    assert cleaned == clean_question(cleaned)
    assert "\n" not in cleaned


def test_inferred_filters_are_reported_and_combined() -> None:
    query = understand(
        "What did The Meridian Post report in September 2022?", Holdings(), as_of=date(2022, 12, 1)
    )
    kinds = {one.kind: one for one in query.filters.inferred}
    assert kinds["publisher"].publisher == "The Meridian Post"
    assert query.filters.combined.publishers == ("The Meridian Post",)
    assert query.filters.combined.published_from == kinds["dates"].published_from
    assert query.filters.combined.as_of == date(2022, 12, 1)


def test_a_publisher_that_is_the_subject_is_no_filter() -> None:
    query = understand("Who bought The Meridian Post?", Holdings())
    assert query.filters.inferred == ()


def test_given_dates_win_over_the_words() -> None:
    given_filters = Filters(published_from=date(2021, 1, 1))
    query = understand("What happened in September 2022?", Holdings(), filters=given_filters)
    assert query.filters.inferred == ()
    assert query.filters.combined == given_filters


def test_the_filters_own_day_is_the_day_of_asking() -> None:
    query = understand(
        "What happened last week?", Holdings(), filters=Filters(as_of=date(2022, 12, 1))
    )
    assert query.as_of == query.filters.combined.as_of == date(2022, 12, 1)
    assert query.filters.combined.published_from == date(2022, 11, 21)


def test_inference_can_be_switched_off() -> None:
    query = understand("What happened in September 2022?", Holdings(), infer_filters=False)
    assert query.filters.inferred == ()


def test_dates_the_wrong_way_round_are_refused() -> None:
    backwards = Filters(published_from=date(2022, 2, 1), published_to=date(2022, 1, 1))
    with pytest.raises(SettingsError, match="wrong way round"):
        understand("Who won?", Holdings(), filters=backwards)


def test_a_part_of_a_question_is_asked_of_the_publishers_that_it_names() -> None:
    query = understand("Do the Marlow Gazette and The Meridian Post articles agree?", Holdings())
    assert query.filters.combined.publishers == ("Marlow Gazette", "The Meridian Post")
    part = of_part(query, "Does the Meridian Post article say so?")
    assert part.standalone_question == "Does the Meridian Post article say so?"
    assert part.filters.combined.publishers == ("The Meridian Post",)
    assert part.filters.inferred == query.filters.inferred
    neither = of_part(query, "Do they say so?")
    assert neither.filters.combined.publishers == query.filters.combined.publishers
