"""Answers worded from readings: quotes verbatim, agreement, difference, nothing invented."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.citations import CitationList
from assistant.answering.extractive import compose, ranked_answers, relevance_shares, tidy
from assistant.types import Article, Passage, Reading
from tests.conftest import article, day

FIRST = article(
    1, text="It rained. The mayor, Ada Finch, denied the claim on Tuesday. Work goes on."
)
SECOND = article(
    2, text="Police spoke. Mayor Ada Finch denied it. The court waits.", publisher="Post"
)
THIRD = article(3, text="In Odeville, Jo Ode denied everything. That was all.", publisher="Wire")
ARTICLES = {one.id: one for one in (FIRST, SECOND, THIRD)}


def reading(source: Article, words: str, probability: float, relevance: float = 2.0) -> Reading:
    start = source.text.index(words)
    passage = Passage(
        f"{source.id}.1.0", source.id, source.url, source.title, source.text, 0, len(source.text),
        publisher=source.publisher, published_at=source.published_at, score=relevance,
    )  # fmt: skip
    return Reading(passage, relevance, words, start, start + len(words), probability)


def test_short_answer_with_the_sentence_that_carries_it() -> None:
    draft = compose([reading(FIRST, "Ada Finch", 0.9)], 0.8, ARTICLES.get)
    assert draft.answer == "Ada Finch"
    assert draft.sentences == ("The mayor, Ada Finch, denied the claim on Tuesday. [1]",)
    (citation,) = draft.citations
    assert citation.article.text[citation.start : citation.end] == citation.quote
    assert draft.confidence == 0.8


def test_sources_that_agree_are_grouped() -> None:
    draft = compose(
        [reading(FIRST, "Ada Finch", 0.5), reading(SECOND, "Ada Finch", 0.3)], 0.8, ARTICLES.get
    )
    assert [citation.article.id for citation in draft.citations] == [FIRST.id, SECOND.id]
    assert draft.notes == ()


def test_a_source_that_differs_is_shown_and_named() -> None:
    draft = compose(
        [reading(FIRST, "Ada Finch", 0.5), reading(THIRD, "Jo Ode", 0.3)], 0.8, ARTICLES.get
    )
    assert draft.answer == "Ada Finch"
    assert "Jo Ode denied everything" in draft.sentences[1]
    assert draft.notes == ("Another source (Wire, 14 May 2024) has “Jo Ode” [2].",)


def test_a_later_report_is_named_beside_a_figure() -> None:
    old = article(4, text="The flood killed 115 people in Marlow.")
    new = article(5, title="Toll lowered", text="It killed 97.", published_at=day("2024-06-01"))
    stored = {one.id: one for one in (old, new)}
    readings = [reading(old, "115", 0.9, 3.0), reading(new, "killed", 0.1, 2.5)]
    draft = compose(readings, 0.8, stored.get)
    assert draft.answer == "115"
    assert draft.notes == (
        "A later report may have other figures: “Toll lowered” (Marlow Gazette, 1 June 2024).",
    )
    far = [readings[0], reading(new, "killed", 0.1, -3.0)]
    assert compose(far, 0.8, stored.get).notes == ()
    names = [reading(old, "Marlow", 0.9, 3.0), readings[1]]
    assert compose(names, 0.8, stored.get).notes == ()


def test_a_corrected_source_is_noted() -> None:
    def notes(**fields: object) -> tuple[str, ...]:
        one = replace(FIRST, **fields)  # type: ignore[arg-type]
        return compose([reading(one, "Ada Finch", 0.9)], 0.8, {one.id: one}.get).notes

    may = day("2024-05-16")
    assert notes(updated_at=may) == ("Source [1] was updated on 16 May 2024.",)
    assert notes(updated_at=may, correction="Correction: it was May.") == (
        "Source [1] was corrected on 16 May 2024: “Correction: it was May.”",
    )
    # The day that the note names is the day of the correction, whatever the page says beside it.
    assert notes(updated_at=may, correction="Amended on 3 June 2024: it was May.") == (
        "Source [1] was corrected on 3 June 2024: “Amended on 3 June 2024: it was May.”",
    )
    assert notes(correction="Updated on 3 June 2024 with a video.") == (
        "Source [1] was updated on 3 June 2024.",
    )
    assert notes(correction="This story was updated to include video.") == ()
    (undated,) = notes(correction="Correction: it was May.")
    assert "corrected after it was published on" in undated


def test_a_quote_that_is_not_in_the_stored_article_is_dropped() -> None:
    changed = replace(
        FIRST, text="Something else stands here now, and it is longer than before. " * 3
    )
    draft = compose([reading(FIRST, "Ada Finch", 0.9)], 0.8, {FIRST.id: changed}.get)
    assert (draft.answer, draft.sentences, draft.citations) == ("", (), ())
    assert compose([reading(FIRST, "Ada Finch", 0.9)], 0.8, lambda _: None).answer == ""


def test_nothing_read_gives_an_empty_draft() -> None:
    assert compose([], 0.0, ARTICLES.get).answer == ""


def test_relevance_shares_leave_room_for_nothing() -> None:
    shares = relevance_shares([0.0, 0.0])
    assert shares == pytest.approx([1 / 3, 1 / 3])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-20, 20)), max_size=8))
def test_support_orders_candidates(pairs: list[tuple[float, float]]) -> None:
    readings = [reading(FIRST, "Ada Finch", p, r) for p, r in pairs]
    candidates = ranked_answers(readings)
    assert len(candidates) == bool(readings)
    assert sum(relevance_shares([r for _, r in pairs])) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ada Finch, ", "Ada Finch"),
        ("the U.S.", "the U.S."),
        ("five o'clock.", "five o'clock"),
        ("“plain words", "plain words"),
        ("“plain words”", "“plain words”"),
        ("John Jr.", "John Jr."),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    assert tidy(text) == expected


def test_citations_number_a_sentence_once() -> None:
    citations = CitationList(ARTICLES.get)
    one = reading(FIRST, "Ada Finch", 0.9)
    start = FIRST.text.index("mayor")
    assert citations.cite(one.passage, one.start, one.end) == citations.cite(
        one.passage, start, start + 5
    )
    assert len(citations.all()) == 1


def test_several_answers_name_each_person_once() -> None:
    fourth = article(4, text="In Odeville, Ode denied it again.", publisher="Echo")
    stored = ARTICLES | {fourth.id: fourth}
    given = [
        reading(FIRST, "Ada Finch", 0.5),
        reading(THIRD, "Jo Ode", 0.4),
        reading(fourth, "Ode", 0.3),
    ]
    assert compose(given, 0.8, stored.get, several=True).answer == "Ada Finch and Jo Ode"
