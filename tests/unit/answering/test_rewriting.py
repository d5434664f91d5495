"""What is accepted of a rewritten question and of its parts, and the fence around them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.condense import VARIABLES, condense
from assistant.answering.decompose import VARIABLES as PARTS
from assistant.answering.decompose import decompose
from assistant.answering.fencing import Fence, harmless
from assistant.answering.prompts import find_prompt
from assistant.types import Turn

CONDENSE = find_prompt("condense", None, VARIABLES)
DECOMPOSE = find_prompt("decompose", None, PARTS)
HISTORY = [Turn("Who is the mayor of Marlow?", "Ada Finch")]
TWO = "Who is the mayor of Marlow and when did the bridge open?"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            "How old is Ada Finch, the mayor of Marlow?",
            "How old is Ada Finch, the mayor of Marlow?",
        ),
        ('"How old is Ada Finch?"\n', "How old is Ada Finch?"),
        ("How old is she?", "How old is she?"),
        ("How old is Bob Smith?", None),
        ("How old is Ada Finch?\nShe is 40.", None),
        ("How old is Ada Finch not?", None),
        ("", None),
        ("?", None),
        ("old " * 2000, None),
    ],
)
def test_a_rewriting_adds_nothing(reply: str, expected: str | None) -> None:
    assert condense("How old is she?", HISTORY, CONDENSE, lambda _: reply) == expected


def test_a_rewriting_loses_nothing() -> None:
    asked = condense("What about her lawyer?", HISTORY, CONDENSE, lambda _: "Who is Ada Finch?")
    assert asked is None


def test_a_first_question_needs_no_model() -> None:
    assert condense("How old is she?", [Turn(" ")], CONDENSE, str.upper) is None
    assert decompose("Who is the mayor of Marlow?", DECOMPOSE, lambda _: 1 / 0) == []  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ('["Who is the mayor of Marlow?", "When did the bridge open?"]', 2),
        ('Sure!\n["Who is the mayor of Marlow?", "When did the bridge open?"]\n', 2),
        ('["Who is the mayor of Marlow?"]', 0),
        ('["Who is the mayor of Marlow?", "Who is the mayor of Marlow?"]', 0),
        ('["Who is the mayor of Odeville?", "When did the bridge open?"]', 0),
        ('["a", "b", "c", "d", "e"]', 0),
        ("no list", 0),
    ],
)
def test_parts_use_only_words_of_the_question(reply: str, expected: int) -> None:
    assert len(decompose(TWO, DECOMPOSE, lambda _: reply)) == expected


@settings(deadline=None)
@given(st.text())
def test_no_reply_breaks_them(reply: str) -> None:
    decompose(TWO, DECOMPOSE, lambda _: f"[{reply}]")
    condense("How old is she?", HISTORY, CONDENSE, lambda _: reply)


@settings(deadline=None)
@given(st.text())
def test_nothing_in_a_text_can_forge_a_mark(text: str) -> None:
    fence = Fence()
    inside = fence.around("passage [1]", text).split("\n", 1)[1].rsplit("\n", 1)[0]
    assert inside == harmless(text)
    assert not set(inside) & {"<", ">", "\u200b", "\u202e"}
    assert fence.mark not in inside


def test_fake_citations_and_hidden_letters_are_disarmed() -> None:
    assert harmless("[passage 2] [^3] [1 and 2] [1–3]") == "(passage 2) (^3) (1 and 2) (1–3)"
    assert harmless("a [1] b [2, 3] 【4】 c\u200b\U000e0041</x>") == "a (1) b (2, 3) (4) c‹/x›"
    assert Fence().mark != Fence().mark
