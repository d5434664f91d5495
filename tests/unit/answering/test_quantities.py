"""Amounts in text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.quantities import amounts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,250 people of 3", [1250, 3]),
        ("$3.4 million, or 12%", [3_400_000, 12]),
        ("twenty-one, three hundred and a dozen", [21, 300, 12]),
        ("one two", [1, 2]),
        ("a million in 2.5 billion", [1e6, 2.5e9]),
        ("a 65-year-old", [65]),
        ("the 12th of A4 and 5s; hundreds came; a man", []),
        ("", []),
    ],
)
def test_read_as_written(text: str, values: list[float]) -> None:
    assert [amount.value for amount in amounts(text)] == values


@given(st.text("0123456789,. -atwenyomilf$", max_size=60))
def test_places_hold_the_amount(text: str) -> None:
    for amount in amounts(text):
        again = list(amounts(text[amount.start : amount.end]))
        assert [one.value for one in again] == [amount.value]


@given(st.integers(0, 10**12))
def test_a_written_integer_is_read_back(number: int) -> None:
    assert [amount.value for amount in amounts(f"about {number:,} of them")] == [number]
