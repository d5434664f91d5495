"""Follow-ups told by their words: what is learnt, and what its features are."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.conversation import LEANS
from assistant.retrieval.leaning import features, leaning

QUESTIONS = Path(__file__).parents[3] / "training" / "questions"


def _asked(name: str) -> list[tuple[str, str]]:
    lines = (QUESTIONS / name).read_text("utf-8").splitlines()
    return [(kind, question) for _, kind, question, *_ in (line.split("\t") for line in lines)]


def test_follow_ups_that_were_not_learnt_from_are_told() -> None:
    told = [leaning(question) > LEANS for kind, question in _asked("follow-ups.tsv")
            if kind != "switch"]  # fmt: skip
    assert sum(told) / len(told) > 0.97


def test_most_questions_that_stand_alone_are_told() -> None:
    switches = [question for kind, question in _asked("follow-ups.tsv") if kind == "switch"]
    hasty = [question for _, question in _asked("hasty.tsv")]
    assert sum(leaning(question) > LEANS for question in switches) / len(switches) < 0.15
    assert sum(leaning(question) > LEANS for question in hasty) / len(hasty) < 0.4


def test_names_and_numbers_are_known_by_their_kind() -> None:
    assert features("Where did Ada go in 2019?") == features("Where did Pell go in 2024?")
    assert features("where did Ada go in 2019?") != features("where did ada go in 2019?")
    assert {"NAME", "NUMBER", "in YEAR", "names 1", "^ where", "YEAR $"} <= features(
        "where did 12 of Ada’s go in 2019?"
    )


@given(st.text())
def test_any_text_is_weighed(text: str) -> None:
    assert -100 < leaning(text) < 100
