"""Questions about the order of two events."""

from __future__ import annotations

import pytest

from assistant.answering.order import OrderQuestion, compose_order, order_question
from assistant.types import Article, Passage, Reading
from tests.conftest import article, day

FLOOD = article(1, text="A flood closed the harbour on Monday.", published_at=day("2024-03-04"))
FIRE = article(2, text="A fire burned the old market.", published_at=day("2024-05-06"))
SCHOOL = article(3, text="The school was founded in 1998.", published_at=day("2024-06-01"))
BRIDGE = article(4, text="The bridge will open on June 5.", published_at=day("2024-05-30"))
ARTICLES = {one.id: one for one in (FLOOD, FIRE, SCHOOL, BRIDGE)}


def read(clause: str) -> list[Reading]:
    """The article that shares the clause's last word, and one that does not belong."""
    found = []
    for source in ARTICLES.values():
        passage = Passage(
            source.id, source.id, source.url, source.title, source.text, 0, len(source.text),
            published_at=source.published_at,
        )  # fmt: skip
        fits = clause.split()[-1].rstrip("?") in source.text
        found.append(Reading(passage, 3.0 if fits else -3.0, "", 0, 0, 0.0))
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did the flood close the harbour before or after the fire in the market?",
         OrderQuestion("the flood close the harbour", "the fire in the market", None)),
        ("Which came first: the flood in the harbour or the fire in the market?",
         OrderQuestion("the flood in the harbour", "the fire in the market", "first", "came")),
        ("Which happened later, the fire or the flood?",
         OrderQuestion("the fire", "the flood", "later", "happened")),
        ("Who denied the arms sale?", None),
        ("Was it a flood or a fire?", None),
    ],
)  # fmt: skip
def test_recognised(question: str, expected: OrderQuestion | None) -> None:
    assert order_question(question) == expected


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (OrderQuestion("flood in the harbour", "fire in the market", None), "before"),
        (OrderQuestion("fire in the market", "flood in the harbour", None), "after"),
        (OrderQuestion("the market", "the harbour", "first"), "the harbour"),
        (OrderQuestion("the market", "the harbour", "later"), "the market"),
        # The report is of June 2024, the sentence dates the event itself.
        (OrderQuestion("the school was founded", "flood in the harbour", None), "before"),
    ],
)
def test_decided_by_the_events_dates(asked: OrderQuestion, answer: str) -> None:
    draft = compose_order(asked, read, 0.9, ARTICLES.get)
    assert draft is not None
    assert draft.answer == answer
    assert len(draft.citations) == 2
    for citation in draft.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote


def test_each_day_is_told_beside_its_source() -> None:
    asked = OrderQuestion("flood in the harbour", "fire in the market", None)
    draft = compose_order(asked, read, 0.9, ARTICLES.get)
    assert draft is not None
    assert draft.notes == ("Dated 4 March 2024 [1].", "Dated 6 May 2024 [2].")


def test_a_day_that_was_announced_lies_ahead() -> None:
    asked = OrderQuestion("flood in the harbour", "opening of the bridge", None)
    draft = compose_order(asked, read, 0.9, ARTICLES.get)
    assert draft is not None
    assert (draft.answer, draft.notes[1]) == ("before", "Dated 5 June 2024 [2].")


def test_undecided_where_an_event_is_not_found() -> None:
    asked = OrderQuestion("flood in the harbour", "landing on the moon", None)
    assert compose_order(asked, read, 0.9, ARTICLES.get) is None


def test_undecided_on_the_same_day() -> None:
    asked = OrderQuestion("flood in the harbour", "flood near the harbour", None)
    assert compose_order(asked, read, 0.9, ARTICLES.get) is None


def test_articles_that_are_gone_are_not_quoted() -> None:
    asked = OrderQuestion("flood in the harbour", "fire in the market", None)

    def nothing(_: str) -> Article | None:
        return None

    assert compose_order(asked, read, 0.9, nothing) is None
