"""Sentence borders: news prose that trips naive splitters, and what holds for any text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.sentences import enclosing_sentences, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. It stopped.", ["It rained.", "It stopped."]),
        ("Mr. Finch met Dr. Ode. They spoke.", ["Mr. Finch met Dr. Ode.", "They spoke."]),
        ("He left the U.S. Senate in Jan. 2021.", ["He left the U.S. Senate in Jan. 2021."]),
        ("She lives in the U.S. The law passed.", ["She lives in the U.S.", "The law passed."]),
        ('"We won!" he said. "Twice."', ['"We won!" he said.', '"Twice."']),
        ("Prices rose 3.5 percent. Wages fell.", ["Prices rose 3.5 percent.", "Wages fell."]),
        ("J. Edgar spoke. So did J.R.R. Tolkien.", ["J. Edgar spoke.", "So did J.R.R. Tolkien."]),
        ("He said “no.” She left.", ["He said “no.”", "She left."]),
        (
            "Order No. 7 stands. No. That is wrong.",
            ["Order No. 7 stands.", "No.", "That is wrong."],
        ),
        ("A headline\n\nA sentence", ["A headline", "A sentence"]),
        ("", []),
    ],
)
def test_borders(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet=st.sampled_from('ab .!?\n"U.S”“éĄ 1,'), max_size=200))
def test_spans_cover_everything_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    covered = set()
    for before, after in pairwise(spans):
        assert before.end <= after.start
    for span in spans:
        assert text[span.start : span.end] == text[span.start : span.end].strip() != ""
        covered.update(range(span.start, span.end))
    assert all(text[at].isspace() for at in range(len(text)) if at not in covered)


def test_enclosing_sentence_of_a_span_across_two() -> None:
    text = "One here. Two there. Three."
    start = text.index("here")
    span = enclosing_sentences(text, start, text.index("there") + 3)
    assert text[span.start : span.end] == "One here. Two there."
