"""Questions that compare two things by an amount, and those that only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.comparisons import ComparedThings, comparison


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which drew more visitors: the Harlow fair or Pell market?",
         ComparedThings("the Harlow fair", "Pell market", "How many visitors drew", True)),
        ("Going by the 2024 count, which town has fewer schools, Harlow or Pell?",
         ComparedThings("Harlow", "Pell", "How many schools has", False)),
        ("Did the chain have more shops in Harlow or in Pell?",
         ComparedThings("Harlow", "Pell", "How many shops the chain have in", True)),
        ("In May, did Harlow or the Pell County win more medals overall?",
         ComparedThings("Harlow", "the Pell County", "How many medals overall win", True)),
        ("How many years older is Ada Finch than Tom Reed?",
         ComparedThings("Ada Finch", "Tom Reed", "How old", True, difference=True)),
        ("Which town raised more money, Harlow or Pell, in May?",
         ComparedThings("Harlow", "Pell", "How much money town raised", True, tail=", in May")),
    ],
)  # fmt: skip
def test_recognised(question: str, expected: ComparedThings) -> None:
    assert comparison(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Which came first: the fair or the market?",
        "Was it a flood or a fire?",
        "How many more goals does Reed need to win?",
        "Who denied the arms sale?",
        "Who earned more than $5 million, Reed or Finch?",
        "Who scored more goals than Kane, Haaland or Salah?",
        "Did at least ten people die in Leeds or Hull?",
        "Who no longer supports the bill, Reed or Finch?",
        "What did the more experienced driver say, and was he or she hurt?",
        "Did the largest protest take place in Paris or in Lyon?",
        "Was Reed's younger brother killed in 2009 or 2010?",
        "Who called for higher taxes, Reed or Finch?",
        "Who won more seats, Labour, the Greens or the Lib Dems?",
        "Is the budget larger in 2024 or smaller?",
        "How many times more people did Harlow draw than Pell?",
        "How many more jobs were added than expected?",
        "Did the larger quake come before or after the vote in Leeds or Hull?",
        "Which drew more people, " + "the fair " * 40 + "or the market?",
    ],
)
def test_not_taken_for_one(question: str) -> None:
    assert comparison(question) is None


@given(st.lists(st.sampled_from(["did", "less", "more", "in", "or", "x,", "who", "than", "a:"])))
def test_any_words_are_told_apart_in_time(words: list[str]) -> None:
    comparison(" ".join(words) + "?")
