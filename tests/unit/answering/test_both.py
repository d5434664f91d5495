"""Yes/no questions about two things at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.answering.both import both_question, compose_both
from assistant.types import Passage, Reading
from tests.conftest import article

NORWAY = article(1, text="Norway applied to join the pact.")
SWEDEN = article(2, text="Sweden applied to join the pact.")
ZUG = article(3, text="Zug never applied to join the pact.")
PELL = article(4, text="Pell is a town of nine houses.")
ARTICLES = {one.id: one for one in (NORWAY, SWEDEN, ZUG, PELL)}


def read(clause: str) -> list[Reading]:
    """The article whose first word the clause has."""
    return [
        Reading(
            Passage(one.id, one.id, one.url, one.title, one.text, 0, len(one.text), score=3.0),
            3.0,
            one.text.split()[0],
            0,
            len(one.text.split()[0]),
            0.5,
        )
        for one in ARTICLES.values()
        if one.text.split()[0] in clause
    ]


def sure(readings: Sequence[Reading]) -> float:
    return 0.4 if readings and readings[0].passage.text.startswith("Zug") else 0.9


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Did both Norway and Sweden apply to join the pact?",
         ("Did Norway apply to join the pact?", "Did Sweden apply to join the pact?")),
        ("Were Ada Fry and the Zug Council both fined in May?",
         ("Was Ada Fry fined in May?", "Was the Zug Council fined in May?")),
        ("In 2024, do both the Rialto and the Corso close at night?",
         ("In 2024, does the Rialto close at night?", "In 2024, does the Corso close at night?")),
        ("Did both Apollo 11 and Apollo 12 land?", ("Did Apollo 11 land?", "Did Apollo 12 land?")),
        ("Did both Norway and North Korea apply?",
         ("Did Norway apply?", "Did North Korea apply?")),
        ("Did both North and South Korea apply?", None),
        ("Was both Bill and Hillary Clinton's house searched?", None),
        ("Did both Johnson and Johnson and Pfizer win approval?", None),
        ("Did both the union and the car company agree?", None),
        ("Did Iran attack Israel and Iraq both last week?", None),
        ("Did Ada Fry and Bo Kay both on Monday resign?", None),
        ("Did both Norway and Sweden sign the same pact?", None),
        ("Did Norway and Sweden apply?", None),
        ("Who invited both Norway and Sweden to join?", None),
        ("Why did both Norway and Sweden apply?", None),
        ("Did both sides sign?", None),
        ("Did both Norway and Sweden or Zug apply?", None),
    ],
)  # fmt: skip
def test_recognised(question: str, parts: tuple[str, str] | None) -> None:
    assert both_question(question) == parts


@pytest.mark.parametrize(
    ("second", "answer", "confidence"), [("Sweden", "Yes", 0.9), ("Zug", "No", 0.4)]
)
def test_a_verdict_on_both(second: str, answer: str, confidence: float) -> None:
    parts = both_question(f"Did both Norway and {second} apply to join the pact?")
    assert parts is not None
    draft = compose_both(parts, read, sure, ARTICLES.get)
    assert draft is not None
    assert draft.answer == answer
    assert draft.confidence == confidence
    assert [citation.article.text.split()[0] for citation in draft.citations] == ["Norway", second]


def test_no_verdict_where_one_is_not_told() -> None:
    parts = both_question("Did both Norway and Pell apply to join the pact?")
    assert parts is not None
    draft = compose_both(parts, read, sure, ARTICLES.get)
    assert draft is not None
    assert draft.answer == "Norway applied to join the pact. Pell is a town of nine houses."


def test_nothing_where_one_is_not_found() -> None:
    assert compose_both(("Did Norway apply?", "Did Ulm apply?"), read, sure, ARTICLES.get) is None
