"""All the names of a list where a question wants several."""

from __future__ import annotations

import pytest

from assistant.answering.lists import names_wanted, whole_list
from assistant.types import Passage, Reading


def reading(text: str, span: str, at: int = 0) -> Reading:
    passage = Passage("1", "1", "https://a.example/1", "Title", text, at, at + len(text))
    start = at + text.index(span)
    return Reading(passage, 1.0, span, start, start + len(span), 0.5)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which two actors read the names?", 2),
        ("who were the three winners", 3),
        ("Name the Five cities.", 5),
        ("Who were the two that left?", 2),
        ("Which actor read the two lists?", None),
        ("What happened after two days?", None),
        ("Which two-time champion retired?", None),
        ("Which Five Guys restaurant closed?", None),
    ],
)
def test_how_many_names_are_wanted(question: str, wanted: int | None) -> None:
    assert names_wanted(question) == wanted


@pytest.mark.parametrize(
    ("text", "span", "wanted", "whole"),
    [
        ("So Hal Gómez and Éva Song read it.", "Éva Song", 2, "Hal Gómez and Éva Song"),
        ("So Hal Gómez and Éva Song read it.", "Hal", 2, "Hal Gómez and Éva Song"),
        ("Senators Ada Fry and Bo Kay left.", "Ada Fry", 2, "Ada Fry and Bo Kay"),
        ("It hit Ulm, Zug, and Pell hard.", "Zug", 3, "Ulm, Zug, and Pell"),
        # Another number of names, no list, another sentence.
        ("It hit Ulm, Zug, and Pell hard.", "Zug", 2, "Zug"),
        ("Hal Gómez read it alone.", "Hal Gómez", 2, "Hal Gómez"),
        ("Bo Kay left. Then Ada Fry and Al Poe came.", "Bo Kay", 2, "Bo Kay"),
        ("A cat and Bo Kay left.", "Bo Kay", 2, "Bo Kay"),
        ("Ada Fry, Zug's Green mayor, left.", "Ada Fry", 2, "Ada Fry"),
        ("They hit Ulm and Zug and Pell.", "Ulm", 2, "Ulm"),
        ("It met Ada Fry and Zug mayor Bo Kay.", "Ada Fry", 2, "Ada Fry"),
        ("He denied fraud in Ulm and Zug.", "fraud in Ulm", 2, "fraud in Ulm"),
        ("The Department of Health and Human Services paid.", "Health", 2, "Health"),
        ("On Friday Ada Fry and Bo Kay left.", "Bo Kay", 2, "Ada Fry and Bo Kay"),
        ("So Ana de la Cruz and Bo Kay left.", "Bo Kay", 2, "Ana de la Cruz and Bo Kay"),
    ],
)
def test_the_list_around_the_span(text: str, span: str, wanted: int, whole: str) -> None:
    found = whole_list(reading(text, span, at=100), wanted)
    assert found.text == whole
    assert found.passage.text[found.start - 100 : found.end - 100] == whole
