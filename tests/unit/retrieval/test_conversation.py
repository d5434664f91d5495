"""Follow-ups told from questions that stand alone, with what was said before beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.conversation import names, resolve
from assistant.types import Turn

TURNS = [Turn("Who won the Marlow Prize?", "Ada Finch"), Turn("Since when?", "1990")]
SAID = "Since when? 1990 Who won the Marlow Prize? Ada Finch"


@pytest.mark.parametrize(
    ("question", "core"),
    [
        ("And where was she born?", "Where was she born?"),
        ("Who is her lawyer?", "Who is her lawyer?"),
        ("Who is its CEO?", "Who is its CEO?"),
        ("Did it pass the Senate?", "Did it pass the Senate?"),
        ("Should I trust him?", "Should I trust him?"),
        ("and injured?", "Injured?"),
        ("And Verizon?", "Verizon?"),
        ("Bronx Harbour?", "Bronx Harbour?"),
        ("Starting when?", "Starting when?"),
        ("Says who?", "Says who?"),
        ("Based where?", "Based where?"),
        ("what did Ada Finch call it?", "What did Ada Finch call it?"),
        ("How many Marlow titles does he have?", "How many Marlow titles does he have?"),
        ("which Finch had they lost to before", "Which Finch had they lost to before"),
        ("Odds of winning the whole thing?", "Odds of winning the whole thing?"),
        ("Tell me more", "Tell me more"),
        ("Which parts of New York does that mayor represent?",
         "Which parts of New York does that mayor represent?"),
        ("why", "Why"),
        ("And?", "And?"),
    ],
)  # fmt: skip
def test_what_leans_on_the_conversation_gets_it_latest_first(question: str, core: str) -> None:
    resolved = resolve(question, TURNS)
    assert resolved.core == core
    assert resolved.context == SAID
    assert resolved.question == f"{core} (Marlow Prize, Ada Finch, 1990)"


@pytest.mark.parametrize(
    "question",
    [
        "What did Mayor Ada Finch say about the bridge in Marlow on Tuesday morning?",
        "Who denied that Russia bought shells from North Korea?",
        "Who owns the boat that sank in Marlow Harbour?",
        "Was Ada Finch the mayor that resigned?",
        "Where does Ada Finch say that she was born?",
        "Who sang at this year's Marlow Festival?",
        "Did Mayor Ada Finch resign over the bridge in March 2024?",
        "How many people died in the Marlow tunnel fire of May 2023?",
        "which bank bought most of silicon valley bank in march 2023",
    ],
)
def test_questions_that_stand_alone_stay(question: str) -> None:
    assert resolve(question, TURNS) == (question, question, "")


def test_without_a_conversation_nothing_leans() -> None:
    assert resolve("And injured?", []) == ("And injured?", "And injured?", "")
    assert resolve("Why?", [Turn(" ", "")]) == ("Why?", "Why?", "")


def test_only_the_last_turns_count() -> None:
    turns = [Turn(f"What happened in {year}?", "Much") for year in range(1990, 2000)]
    assert resolve("Why?", turns).context.split("?")[0] == "What happened in 1999"
    assert "1996" not in resolve("Why?", turns).context


def test_names() -> None:
    assert names("Who is Ada Finch's lawyer in New York?") == ["Ada Finch", "New York"]
    assert names("Where's Ada's CEO, and the iPod?") == ["Ada's CEO"]
    assert names("Did Álvarez meet Émile Øst?") == ["Álvarez", "Émile Øst"]


@given(st.text(max_size=80), st.lists(st.builds(Turn, st.text(max_size=60), st.text(max_size=60))))
def test_never_fails_and_keeps_every_word(question: str, turns: list[Turn]) -> None:
    resolved = resolve(question, turns)
    assert resolved.core.casefold() in question.casefold() or not question
    assert bool(resolved.context) == (resolved.question != resolved.core)
