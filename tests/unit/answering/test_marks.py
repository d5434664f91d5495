"""Marks stand around the tokens of an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.marks import CLOSING, OPENING, mark_tokens

OFFSETS = [(0, 3), (4, 9), (9, 10), (11, 14)]


def test_the_tokens_of_the_span_stand_between_the_marks() -> None:
    marked, place = mark_tokens([7, 8, 9, 5], OFFSETS, (4, 10))
    assert marked == [7, OPENING, 8, 9, CLOSING, 5]
    assert place == 1


def test_a_span_behind_the_tokens_is_marked_at_the_start() -> None:
    assert mark_tokens([7, 8], OFFSETS[:2], (40, 50)) == ([OPENING, CLOSING, 7, 8], 0)


@given(st.integers(0, 14), st.integers(0, 14))
def test_no_token_is_lost(one: int, other: int) -> None:
    start, end = sorted((one, other))
    marked, place = mark_tokens([7, 8, 9, 5], OFFSETS, (start, end))
    assert marked[place] == OPENING
    assert [token for token in marked if token not in (OPENING, CLOSING)] == [7, 8, 9, 5]
