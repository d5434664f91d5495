"""Questions that compare two things by an amount."""

from __future__ import annotations

import pytest

from assistant.answering.compare import (
    ComparedThings,
    comparison,
    compose_comparison,
    naming,
)
from assistant.types import AnswerSpan, Passage, Reading
from tests.conftest import article, day

FAIR = article(1, text="The Harlow fair drew 1,200 visitors.", published_at=day("2024-03-04"))
MARKET = article(2, text="Pell market drew nine hundred visitors.", published_at=day("2024-05-06"))
MAYOR = article(3, text="Mayor Ada Finch, 61, spoke.", published_at=day("2024-06-01"))
RIVAL = article(4, text="Branch 31 backs Tom Reed, 44.", published_at=day("2024-06-01"))
ARTICLES = {one.id: one for one in (FAIR, MARKET, MAYOR, RIVAL)}
SPANS = {
    FAIR.id: ["1,200 visitors"],
    MARKET.id: ["nine hundred"],
    MAYOR.id: ["61"],
    RIVAL.id: ["31", "44"],
}


def read(clause: str) -> list[Reading]:
    """The article that shares a name with the clause, and all others as irrelevant."""
    found = []
    for source in ARTICLES.values():
        passage = Passage(
            source.id, source.id, source.url, source.title, source.text, 0, len(source.text),
            published_at=source.published_at,
        )  # fmt: skip
        names = {word.strip("?,") for word in clause.split() if word[0].isupper()} - {"How"}
        fits = 3.0 if names & set(source.text.replace(",", "").split()) else -3.0
        spans = []
        for text in SPANS[source.id]:
            start = source.text.index(text)
            spans.append(AnswerSpan(text, start, start + len(text), 0.5))
        best, *others = spans
        found.append(Reading(passage, fits, best.text, best.start, best.end, 0.5, tuple(others)))
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which drew more visitors: the Harlow fair or Pell market?",
         ComparedThings("the Harlow fair", "Pell market", "How many visitors drew", True)),
        ("Going by the 2024 count, which town has fewer schools, Harlow or Pell?",
         ComparedThings("Harlow", "Pell", "How many schools town has", False)),
        ("Did the chain have more shops in Harlow or in Pell?",
         ComparedThings("Harlow", "Pell", "How many shops the chain have in", True)),
        ("In May, did Harlow or the Pell County win more medals overall?",
         ComparedThings("Harlow", "the Pell County", "How many medals overall win", True)),
        ("How many years older is Ada Finch than Tom Reed?",
         ComparedThings("Ada Finch", "Tom Reed", "How old", None)),
        ("Which came first: the fair or the market?", None),
        ("Was it a flood or a fire?", None),
        ("How many more goals does Reed need to win?", None),
        ("Who denied the arms sale?", None),
    ],
)  # fmt: skip
def test_recognised(question: str, expected: ComparedThings | None) -> None:
    assert comparison(question) == expected


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which drew more visitors: the Harlow fair or Pell market?", "the Harlow fair"),
        ("Which drew fewer visitors, Pell market or the Harlow fair?", "Pell market"),
        ("How many more visitors did Harlow draw than Pell?", "300"),
        # "Branch 31" is no age, whatever the reader thinks of it.
        ("How many years older is Ada Finch than Tom Reed?", "17"),
    ],
)
def test_decided_by_what_each_article_says(question: str, answer: str) -> None:
    things = comparison(question)
    assert things is not None
    draft = compose_comparison(things, read, 0.9, ARTICLES.get)
    assert draft is not None
    assert draft.answer == answer
    assert len(draft.citations) == 2
    assert "[1]" in draft.notes[0]
    assert "[2]" in draft.notes[0]
    for citation in draft.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    "question",
    [
        "Which drew more visitors: the Harlow fair or Zed castle?",
        "Which drew more visitors: the Harlow fair or the fair of Harlow?",
    ],
)
def test_undecided_where_an_amount_is_missing_or_both_are_the_same(question: str) -> None:
    things = comparison(question)
    assert things is not None
    assert compose_comparison(things, read, 0.9, ARTICLES.get) is None


def test_articles_that_are_gone_are_not_quoted() -> None:
    things = comparison("Which drew more visitors: the Harlow fair or Pell market?")
    assert things is not None
    assert compose_comparison(things, read, 0.9, lambda _: None) is None


def test_an_undecided_choice_is_between_the_things_named() -> None:
    readings = read("Harlow")
    either = ComparedThings("nine hundred", "Tom Reed", "How many", True)
    assert [reading.text for reading in naming(either, readings)] == ["nine hundred"]
    unknown = ComparedThings("Zed", "Yod", "How many", True)
    assert naming(unknown, readings) == readings
    difference = ComparedThings("Branch 31", "Tom Reed", "How old", None)
    assert naming(difference, readings) == readings
