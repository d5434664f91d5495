"""Windows of publication dates read out of questions."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.dates import about_present, infer_dates, state_day

AS_OF = date(2022, 11, 9)  # a Wednesday
COVERED = (date(2020, 1, 1), date(2022, 11, 30))


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What did Pyongyang deny in September 2022?", date(2022, 8, 25), date(2022, 12, 1)),
        ("Who spoke on 21 September 2022?", date(2022, 9, 14), date(2022, 11, 22)),
        ("Who spoke on September 21st, 2022?", date(2022, 9, 14), date(2022, 11, 22)),
        ("Who spoke on 2022-09-21?", date(2022, 9, 14), date(2022, 11, 22)),
        ("What happened since September 21?", date(2022, 9, 21), None),
        ("How many were dead by Oct. 3, 2022?", None, date(2022, 10, 17)),
        ("As of March 4, 2022, how many were ill?", None, date(2022, 3, 18)),
        ("What happened between March 3 and March 9, 2022?", date(2022, 2, 24), date(2022, 5, 10)),
        ("What did the mayor say last week?", date(2022, 10, 31), None),
        ("What changed since Tuesday?", date(2022, 11, 8), None),
        ("who spoke on may 4, 2022", date(2022, 4, 27), date(2022, 7, 5)),
        ("Who resigned yesterday?", date(2022, 11, 7), None),
        ("What was said in the past 3 days?", date(2022, 11, 5), None),
        ("Who was arrested two weeks ago?", date(2022, 10, 25), None),
    ],
)
def test_windows(question: str, first: date | None, last: date | None) -> None:
    inferred = infer_dates(question, AS_OF, COVERED)
    assert inferred is not None
    assert (inferred.published_from, inferred.published_to) == (first, last)
    assert inferred.because in question


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 2022 election?",
        "Was the storm of June 1998 stronger?",
        "Which came first, the fire of March 3, 2022 or the flood of May 5, 2022?",
        "What will happen in December 2023?",
        "Which bird alive today is related to the moa?",
        "How many people may 12 boats carry?",
        "Who died on February 31, 2022?",
        "Who denied the arms sale?",
    ],
)
def test_infers_nothing(question: str) -> None:
    assert infer_dates(question, AS_OF, COVERED) is None


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("As of March 4, 2022, how many were ill?", date(2022, 3, 4)),
        ("How many were dead by the night of Oct. 3, 2022?", date(2022, 10, 3)),
        ("Who spoke on 21 September 2022?", None),
        ("What happened since September 21?", None),
    ],
)
def test_the_day_whose_state_is_asked_for(question: str, day: date | None) -> None:
    inferred = infer_dates(question, AS_OF, COVERED)
    assert inferred is not None
    assert state_day(inferred) == day


def test_infers_nothing_for_an_archive_without_dates() -> None:
    assert infer_dates("What happened in September 2022?", AS_OF, None) is None


@given(st.text(max_size=120))
def test_never_fails_and_never_turns_dates_round(question: str) -> None:
    inferred = infer_dates(question, AS_OF, COVERED)
    if inferred and inferred.published_from and inferred.published_to:
        assert inferred.published_from <= inferred.published_to


@pytest.mark.parametrize(
    ("question", "present"),
    [
        ("Who won the cup?", True),
        ("Who won the cup in 2024?", True),
        ("Who won the cup in 2022?", False),
        ("Is the 2022 champion still ahead in 2024?", True),
        ("Who made 20240 cups?", True),
    ],
)
def test_a_question_that_names_another_year_is_not_about_the_present(
    question: str, present: bool
) -> None:
    assert about_present(question, date(2024, 5, 14)) is present
