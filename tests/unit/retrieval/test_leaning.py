"""Follow-ups told by their words: what is learnt, and what its features are."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.conversation import leans_back
from assistant.retrieval.leaning import features, leaning

QUESTIONS = Path(__file__).parents[3] / "training" / "questions"


def _asked(name: str) -> list[tuple[str, str]]:
    lines = (QUESTIONS / name).read_text("utf-8").splitlines()
    return [(kind, question) for _, kind, question, *_ in (line.split("\t") for line in lines)]


def test_follow_ups_are_told() -> None:
    asked = [question for kind, question in _asked("follow-ups.tsv") if kind != "switch"]
    assert sum(map(leans_back, asked)) / len(asked) > 0.97


def test_most_questions_that_stand_alone_are_told() -> None:
    switches = [question for kind, question in _asked("follow-ups.tsv") if kind == "switch"]
    hasty = [question for _, question in _asked("hasty.tsv")]
    assert sum(map(leans_back, switches)) / len(switches) < 0.15
    assert sum(map(leans_back, hasty)) / len(hasty) < 0.2


def test_capitals_everywhere_are_no_names() -> None:
    assert leans_back("WHAT DID HE SAY ABOUT IT?")
    assert (
        features("WHAT DID HE SAY?") == features("What Did He Say?") == features("what did he say?")
    )
    assert "NAME" in features("Bronx Harbour?")


def test_names_and_numbers_are_known_by_their_kind() -> None:
    assert features("Where did Ada go in 2019?") == features("Where did Pell go in 2024?")
    assert features("where did Ada go in 2019?") != features("where did ada go in 2019?")
    assert {"NUMBER", "YEAR"} & features("the 19th or 500k?") == {"NUMBER"}
    assert {"NAME", "NUMBER", "in YEAR", "names 1", "^ where", "YEAR $"} <= features(
        "where did 12 of Ada’s go in 2019?"
    )


@given(st.text())
def test_any_text_is_weighed(text: str) -> None:
    assert -100 < leaning(text) < 100
