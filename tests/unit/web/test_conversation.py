"""The kept conversation: through the browser and back, and what its buttons point at."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from assistant.errors import SettingsError
from assistant.types import (
    Answer,
    AppliedFilters,
    Article,
    Citation,
    Filters,
    InferredFilter,
    Passage,
    StageScore,
)
from assistant.web import conversation

SOURCE = Article(
    "https://news.example/story",
    "Dockers end strike",
    "Dockers ended their strike on Tuesday.",
    datetime(2022, 9, 21, 14, 5, tzinfo=UTC),
    publisher="Harbour Post",
    date_only=False,
)
NO_LIMITS = AppliedFilters()
IN_SEPTEMBER = InferredFilter("dates", "in September 2022", date(2022, 9, 1), date(2022, 9, 30))
IN_THE_LEDGER = InferredFilter("publisher", "the Ledger", publisher="The Ledger")


def answer(*, abstained: bool = False, filters: AppliedFilters = NO_LIMITS) -> Answer:
    close = Passage(
        "p",
        SOURCE.id,
        SOURCE.url,
        SOURCE.title,
        SOURCE.text[:7],
        0,
        7,
        stages={"lexical": StageScore(1.5, 1)},
    )
    cited = Citation(1, SOURCE.text, 0, len(SOURCE.text), SOURCE)
    return Answer(
        "When?",
        "When did the strike end?",
        "on Tuesday",
        f"{SOURCE.text} [1]",
        () if abstained else (cited,),
        (close,) * 5,
        filters,
        abstained,
    )


def test_a_conversation_comes_back_from_the_browser_as_it_went() -> None:
    limits = AppliedFilters(Filters(publishers=("Harbour Post",)), (IN_SEPTEMBER,))
    went = [answer(filters=limits), answer(abstained=True)]
    kept = json.loads(json.dumps(conversation.pack(went)))
    back = conversation.unpack(kept)
    assert conversation.messages(back) == conversation.messages(went)
    assert back[0].filters == limits
    assert back[0].citations[0].article.published_at == SOURCE.published_at
    assert back[0].citations[0].article.text == ""  # the archive has it
    assert back[0].passages == ()
    assert len(back[1].passages) == 3


@pytest.mark.parametrize("kept", [None, "x", 7, {}, [None], [{"question": 1}], [[]]])
def test_what_the_browser_should_not_have_kept_is_left_out(kept: object) -> None:
    assert conversation.unpack(kept) == []


def test_one_unreadable_answer_does_not_lose_the_others() -> None:
    kept = conversation.pack([answer()])
    assert len(conversation.unpack([{"question": "broken"}, *kept])) == 1


def test_the_conversation_kept_is_bounded() -> None:
    assert len(conversation.pack([answer()] * 80)) == conversation.KEPT_ANSWERS


@pytest.mark.parametrize(
    ("pointer", "read"),
    [
        ("c-0-1", ("c", 0, 1)),
        ("f-12-0", ("f", 12, 0)),
        ("c-0", ("", 0, 0)),
        ("x-0-1", ("", 0, 0)),
        ("c--1-1", ("", 0, 0)),
        ("c-0-1\n", ("", 0, 0)),
        ("c-٣-1", ("", 0, 0)),
        ("c-0-99999", ("", 0, 0)),
    ],
)
def test_pointers_are_ours_or_nothing(pointer: str, read: tuple[str, int, int]) -> None:
    assert conversation.read_pointer(pointer) == read


def test_the_form_is_read_as_limits() -> None:
    assert conversation.read_filters("", None, None) == Filters()
    read = conversation.read_filters(" 2022-09-01 ", "2022-09-30", ["The Ledger"])
    assert read == Filters(date(2022, 9, 1), date(2022, 9, 30), ("The Ledger",))
    with pytest.raises(SettingsError, match="not a day: write it like 2022-09-21"):
        conversation.read_filters("last week", None, None)
    with pytest.raises(SettingsError, match="first day is after the last"):
        conversation.read_filters("2022-09-30", "2022-09-01", None)


def test_dropping_one_inferred_limit_keeps_the_others() -> None:
    given = Filters(published_from=date(2022, 9, 10))
    asked = answer(filters=AppliedFilters(given, (IN_SEPTEMBER, IN_THE_LEDGER)))
    assert conversation.without_inferred(asked, 0) == Filters(
        date(2022, 9, 10), None, ("The Ledger",)
    )
    assert conversation.without_inferred(asked, 1) == Filters(date(2022, 9, 10), date(2022, 9, 30))
    only = answer(filters=AppliedFilters(Filters(), (IN_SEPTEMBER,)))
    assert conversation.without_inferred(only, 0) == Filters()


def test_an_inferred_publisher_narrows_the_given_ones() -> None:
    given = Filters(publishers=("Harbour Post", "The Ledger"))
    asked = answer(filters=AppliedFilters(given, (IN_SEPTEMBER, IN_THE_LEDGER)))
    assert conversation.without_inferred(asked, 0).publishers == ("The Ledger",)
