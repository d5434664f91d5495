"""The publisher's own notes are found, and nothing else is taken for one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.articles.corrections import find_correction, is_update_only, noted_day

BODY = "The council of Marlow voted on Tuesday.\n\nMayor Ada Finch cheered."


@pytest.mark.parametrize(
    "note",
    [
        "Correction: The plan costs 3 million crowns, not 5 million.",
        "CORRECTION (June 3, 2024): Ms. Finch is 52, not 53.",
        "Correction, 3 June 2024: The vote was on Monday.",
        "Corrections and clarifications: the river was misnamed.",
        "Clarification: The plan is not final.",
        "This article was amended on 3 June 2024 to correct the cost of the plan.",
        "• This article was amended on 3 June 2024. The river is the Odder.",
        "This story has been corrected to show that the vote was on Monday.",
        "This story has been updated with comments from the mayor.",
        "An earlier version of this story said the plan would cost 5 million crowns.",
        "An earlier version of this article misspelled the mayor's name.",
        "A previous version of this headline misstated the cost.",
        "Editor's note: An earlier version of this report gave the wrong year.",
        "(Corrects the cost in paragraph 2 to 3 million, not 5 million)",
        "(Adds comment from the mayor)",
        "UPDATE: The plan was passed on Wednesday.",
    ],
)  # fmt: skip
def test_notes_are_found_at_the_head_and_at_the_foot(note: str) -> None:
    assert find_correction("Plan", f"{note}\n\n{BODY}") == note
    assert find_correction("Plan", f"{BODY}\n\n{note}") == note


def test_a_bracketed_note_inside_a_paragraph() -> None:
    text = "MARLOW, June 3 (Corrects cost to 3 million) The council voted.\n\nMore."
    assert find_correction("Plan", text) == "(Corrects cost to 3 million)"


@pytest.mark.parametrize(
    "title",
    [
        "CORRECTED-Marlow council passes plan",
        "UPDATE 2-Marlow council passes plan",
        "CORRECTED-UPDATE 1-Marlow council passes plan",
        "REFILE-Marlow council passes plan",
        "Correction: Marlow-Council story",
    ],
)
def test_wire_slugs(title: str) -> None:
    assert find_correction(title, BODY) == title


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "The minister corrected the record on Tuesday.\n\nHe said the figure was wrong.",
        "The Department of Corrections: a history of its prisons.",
        "The law was amended on 3 June 2024 by the council.",
        "Editor's note: Names of the children were withheld by the court.",
        "An earlier version of the bill failed in May.",
        "Updated rules for the harbour were published, the mayor said.",
        "Adds the mayor: we shall see.",
        "The correction of the market came quickly.",
    ],
)
def test_reports_about_corrections_are_not_notes(text: str) -> None:
    assert find_correction("Marlow council updates its plan", text) is None


@pytest.mark.parametrize(
    ("note", "day"),
    [
        ("This article was amended on 3 June 2024 as the vote was on 1 June 2024.", (2024, 6, 3)),
        ("CORRECTION (June 3, 2024): Ms. Finch is 52.", (2024, 6, 3)),
        ("Correction, 3rd June 2024: it was Monday.", (2024, 6, 3)),
        ("Updated on Monday, Sept. 2, 2024 with the result.", (2024, 9, 2)),
        ("This story was corrected on 2024-06-03.", (2024, 6, 3)),
        ("Correction: the battle was on 5 June 1944, not 6 June 1944.", None),
        ("Corrected on 31 June 2024.", None),
        ("UPDATE 2-Marlow", None),
    ],
)  # fmt: skip
def test_only_the_day_of_the_change_counts(note: str, day: tuple[int, int, int] | None) -> None:
    assert noted_day(note) == (date(*day) if day else None)


def test_updates_are_told_from_corrections() -> None:
    assert is_update_only("UPDATE 2-Marlow council passes plan")
    assert is_update_only("(Adds comment from the mayor)")
    assert not is_update_only("CORRECTED-UPDATE 1-Marlow council passes plan")
    assert not is_update_only("This article was amended on 3 June 2024.")


@given(st.text(), st.text())
def test_any_text_gives_a_short_slice_or_nothing(title: str, text: str) -> None:
    note = find_correction(title, text)
    assert note is None or (0 < len(note) <= 600 and (note in text or title.startswith(note)))
