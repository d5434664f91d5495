"""Amounts in text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.quantities import amounts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,250 people of 3", [(1250, ""), (3, "")]),
        ("$3.4 million, £20m or 12%", [(3_400_000, "$"), (20_000_000, "£"), (12, "%")]),
        ("twenty-one, three hundred and a dozen", [(21, ""), (300, ""), (12, "")]),
        ("one two", [(1, ""), (2, "")]),
        ("a million in 2.5bn", [(1e6, ""), (2.5e9, "")]),
        ("16 days, three weeks", [(16, "time"), (21, "time")]),
        ("minus 5 and -9", [(-5, ""), (-9, "")]),
        ("the 12th of A4 and 5s; hundreds came; a man; no one", []),
        ("March 12, 4 May, No. 1, 9/11, 10:30, COVID-19, two thirds, half a million", []),
        ("on Sept. 11, on Jan. 6 and on 3 Feb", []),
        ("two and a half million", []),
        ("", []),
    ],
)
def test_read_as_written(text: str, values: list[tuple[float, str]]) -> None:
    assert [(amount.value, amount.unit) for amount in amounts(text)] == values


def test_only_within_the_given_place() -> None:
    text = "seven of nine, or 1,250 in all"
    assert [one.number for one in amounts(text, 9)] == [9, 1250]
    assert [one.number for one in amounts(text, 9, 14)] == [9]
    assert [text[one.start : one.end] for one in amounts(text, 15)] == ["1,250"]


@given(st.text("0123456789,. -atwenyomilf$", max_size=60))
def test_places_hold_the_amount(text: str) -> None:
    for amount in amounts(text):
        assert amount.number == next(amounts(text, amount.start, amount.end)).number
        assert text[amount.start : amount.end].strip() == text[amount.start : amount.end]


@given(st.integers(0, 10**12))
def test_a_written_integer_is_read_back(number: int) -> None:
    assert [amount.number for amount in amounts(f"about {number:,} of them")] == [number]
