"""Sentences and marks out of a stream."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.marked import Marked, MarkedSentences


def read(text: str, every: int = 1) -> list[Marked]:
    collected = MarkedSentences()
    found = []
    for start in range(0, len(text), every):
        found += collected.add(text[start : start + every])
    return found + collected.end()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("A b [1]. C d [2][3].", [("A b.", (1,)), ("C d.", (2, 3))]),
        ("A b. [1] C d. [2, 3]", [("A b.", (1,)), ("C d.", (2, 3))]),
        ("A [2] b [1] [2].\n\n- **C** d 【4】.", [("A b.", (2, 1)), ("C d.", (4,))]),
        ("1. A b [passage 3].\n2. C `d`.", [("A b.", (3,)), ("C d.", ())]),
        ("The U.S. Senate met [1]. In May it voted [2].",
         [("The U.S. Senate met.", (1,)), ("In May it voted.", (2,))]),
        ("A\u200b\x07 b\u202e [1]", [("A b", (1,))]),
        ("", []),
        ("[1]", [("", (1,))]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("every", [1, 3, 1000])
def test_sentences(text: str, sentences: list[tuple[str, tuple[int, ...]]], every: int) -> None:
    assert read(text, every) == [Marked(*one) for one in sentences]


def test_a_sentence_comes_as_soon_as_the_next_begins() -> None:
    collected = MarkedSentences()
    assert collected.add("It rained. [1] ") == []
    assert collected.add("The sun ") == [Marked("It rained.", (1,))]
    assert collected.end() == [Marked("The sun", ())]


@settings(deadline=None)
@given(st.text(), st.integers(1, 9))
def test_any_text_is_read_without_fail(text: str, every: int) -> None:
    for sentence in read(text, every):
        assert "\n" not in sentence.text
