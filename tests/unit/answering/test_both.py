"""Yes/no questions about two things at once."""

from __future__ import annotations

import pytest

from assistant.answering.both import both_question


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
