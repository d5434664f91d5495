"""Follow-ups made to stand alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.conversation import names, resolve
from assistant.types import Turn


@pytest.mark.parametrize(
    ("turns", "question", "expected"),
    [
        (
            [Turn("Who runs Marlow's council?", "Mayor Ada Finch")],
            "And where was she born?",
            "Where was Mayor Ada Finch born?",
        ),
        (
            [Turn("Which judge did police arrest in April?", "Hannah Ode")],
            "Who is her lawyer?",
            "Who is Hannah Ode's lawyer?",
        ),
        (
            [Turn("Which study did Marlow University publish?", "One on owls.")],
            "And which journal carried it?",
            "Which journal carried it? (Marlow University, One on owls)",
        ),
        (
            [Turn("How many people died in the Marlow flood?", "Eleven.")],
            "And injured?",
            "How many people were injured in the Marlow flood?",
        ),
    ],
)
def test_leaning_questions(turns: list[Turn], question: str, expected: str) -> None:
    resolved = resolve(question, turns)
    assert resolved.question == expected
    assert turns[0].question in resolved.context


@pytest.mark.parametrize(
    "question",
    [
        "What did Mayor Ada Finch say about the bridge in Marlow on Tuesday morning?",
        "Who denied that Russia bought shells from North Korea?",
    ],
)
def test_questions_that_stand_alone_stay(question: str) -> None:
    assert resolve(question, [Turn("Who won the cup?", "Spain")]) == (question, "")
    assert resolve("And injured?", []) == ("And injured?", "")


def test_names() -> None:
    assert names("Who is Ada Finch's lawyer in New York?") == ["Ada Finch", "New York"]


@given(st.text(max_size=80), st.lists(st.builds(Turn, st.text(max_size=60), st.text(max_size=60))))
def test_never_fails(question: str, turns: list[Turn]) -> None:
    assert resolve(question, turns).question or not question
