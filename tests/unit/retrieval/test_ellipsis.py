"""Elliptical follow-ups take the place of their counterpart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.ellipsis import fill_in


@pytest.mark.parametrize(
    ("topic", "question", "whole"),
    [
        ("How many sit-ups does the test require?", "And push-ups?",
         "How many push-ups does the test require?"),
        ("How many people were killed?", "And injured?", "How many people were injured?"),
        ("When did the Harbour Bridge open?", "What about the Tower Bridge?",
         "When did the Tower Bridge open?"),
        ("Who was ill as of March 4, 2025?", "What about as of February 26?",
         "Who was ill as of February 26?"),
        ("Which state had the lowest rate in 2023?", "And the highest?",
         "Which state had the highest rate in 2023?"),
        ("Which state had the lowest rate in 2023?", "And in 2022?",
         "Which state had the lowest rate in 2022?"),
        ("When do they plan to boycott Acme?", "What about Globex Foods?",
         "When do they plan to boycott Globex Foods?"),
        ("How far was the November 2025 supermoon?", "What about December's?",
         "How far was December's supermoon?"),
    ],
)  # fmt: skip
def test_the_counterpart_is_replaced(topic: str, question: str, whole: str) -> None:
    assert fill_in(question, topic) == whole


@pytest.mark.parametrize(
    ("topic", "question"),
    [
        ("Who won the race?", "And who came second?"),
        ("Who won the race?", "And why?"),
        ("Who won the race?", "Was it close?"),
        ("Who won the race?", "And Acme?"),
        ("Who won?", "And"),
        ("What is the fare?", "And then they went and took the whole of it away from there?"),
    ],
)
def test_what_has_no_counterpart_is_left_alone(topic: str, question: str) -> None:
    assert fill_in(question, topic) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_never_fails(question: str, topic: str) -> None:
    filled = fill_in(question, topic)
    assert filled is None or filled
