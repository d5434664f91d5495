"""The greater of two amounts, each looked up by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from assistant.answering.citations import last_mark
from assistant.answering.compare import compose_comparison, naming
from assistant.answering.comparisons import ComparedThings, comparison
from assistant.types import AnswerSpan, Passage, Reading
from tests.conftest import article, day

FAIR = article(1, text="The Harlow fair drew 1,200 visitors.", published_at=day("2024-03-04"))
MARKET = article(2, text="Pell market drew nine hundred visitors.", published_at=day("2024-05-06"))
MAYOR = article(3, text="Mayor Ada Finch, 61, spoke.", published_at=day("2024-06-01"))
RIVAL = article(4, text="Branch 31 backs Tom Reed, 44.", published_at=day("2024-06-01"))
NOVICE = article(5, text="Eve Kay (40) won.", published_at=day("2026-06-01"))
ZUG = article(6, text="The Zug strike took 16 days.", published_at=day("2024-06-01"))
ULM = article(7, text="The Ulm strike took three weeks.", published_at=day("2024-06-01"))
BROTH = article(8, text="Oxo broth was sold in 242 stores in six states.")
TUNA = article(9, text="Kelp tuna went to 27 states.")
GAMES = article(10, text="Norway won 16 medals, Sweden 12, it was said.")
CUTS = article(
    11, text="Acme cut 12,000 of its 180,000 workers; Bolt cut 13,000 of its 80,000 workers."
)
CASES = article(12, text="Utah had 500 cases, 200 more than Iowa.")
MEETING = article(13, text="The Varna meeting lasted three hours.")
SUMMIT = article(14, text="The Minsk summit lasted 90 minutes.")
TALKS = article(15, text="The Tirana talks lasted two hours.")
YES, NO = article(16, text="Voters in Oslo gave it 62%."), article(17, text="In Bergen it got 57%.")
LATER = {one.id: one for one in (BROTH, TUNA, GAMES, CUTS, CASES)}
LATER |= {one.id: one for one in (MEETING, SUMMIT, TALKS, YES, NO)}
ARTICLES = {one.id: one for one in (FAIR, MARKET, MAYOR, RIVAL, NOVICE, ZUG, ULM)} | LATER
SPANS = {
    FAIR.id: ["1,200 visitors"],
    MARKET.id: ["nine hundred"],
    MAYOR.id: ["61"],
    RIVAL.id: ["31", "44"],
    NOVICE.id: ["40"],
    ZUG.id: ["16"],
    ULM.id: ["three weeks"],
    BROTH.id: ["242 stores in six"],
    TUNA.id: ["27"],
    GAMES.id: ["16 medals"],
    CUTS.id: ["12,000", "13,000"],
    CASES.id: ["500 cases", "200"],
    MEETING.id: ["three hours"],
    SUMMIT.id: ["90 minutes"],
    TALKS.id: ["two hours"],
    YES.id: ["62%"],
    NO.id: ["57%"],
}


def sure(readings: Sequence[Reading]) -> float:
    return 0.8 if any(reading.relevance > 0 for reading in readings) else 0.1


def read(clause: str) -> list[Reading]:
    """The article that shares a name with the clause, and all others as irrelevant."""
    found = []
    for source in ARTICLES.values():
        passage = Passage(
            source.id, source.id, source.url, source.title, source.text, 0, len(source.text),
            published_at=source.published_at,
        )  # fmt: skip
        names = {word.strip("?,") for word in clause.split() if word[0].isupper()} - {"How", "The"}
        fits = 3.0 if names & set(re.findall(r"\w+", source.text)) else -3.0
        spans = []
        for text in SPANS[source.id]:
            start = source.text.index(text)
            spans.append(AnswerSpan(text, start, start + len(text), 0.5))
        best, *others = spans
        found.append(Reading(passage, fits, best.text, best.start, best.end, 0.5, tuple(others)))
    return found


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which drew more visitors: the Harlow fair or Pell market?", "the Harlow fair"),
        ("Which drew fewer visitors, Pell market or the Harlow fair?", "Pell market"),
        ("How many more visitors did Harlow draw than Pell?", "300"),
        # "Branch 31" is no age, whatever the reader thinks of it.
        ("How many years older is Ada Finch than Tom Reed?", "17"),
        # Reported two years later: 40 then, 38 when the others were asked.
        ("How many years younger is Eve Kay than Tom Reed?", "6"),
        ("How many hours longer was the Varna meeting than the Tirana talks?", "1 hour"),
        ("How much higher was support in Oslo than in Bergen?", "5 percentage points"),
        ("Which strike was longer, the Zug strike or the Ulm strike?", "the Ulm strike"),
        # The number before what is counted, not the first one.
        ("Which reached more states, Oxo broth or Kelp tuna?", "Kelp tuna"),
    ],
)
def test_decided_by_what_each_article_says(question: str, answer: str) -> None:
    things = comparison(question)
    assert things is not None
    draft = compose_comparison(things, read, sure, ARTICLES.get)
    assert draft is not None
    assert draft.answer == answer
    assert len(draft.citations) == 2
    assert [last_mark(note) for note in draft.notes] == [1, 2]
    for citation in draft.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote


def test_two_amounts_in_one_sentence_are_told_apart() -> None:
    things = comparison("How many more medals did Norway win than Sweden?")
    assert things is not None
    draft = compose_comparison(things, read, sure, ARTICLES.get)
    assert draft is not None
    assert draft.answer == "4"
    assert draft.sentences == ("Norway won 16 medals, Sweden 12, it was said. [1]",)
    assert draft.notes == ("Compared: “16 medals” and “12” [1].",)


def test_a_part_is_not_taken_for_the_whole_nor_a_difference_for_an_amount() -> None:
    things = comparison("Which cut more workers, Acme or Bolt?")
    assert things is not None
    draft = compose_comparison(things, read, sure, ARTICLES.get)
    assert draft is not None
    assert draft.answer == "Bolt"
    assert draft.notes == ("Compared: “12,000” and “13,000” [1].",)
    things = comparison("How many more cases did Utah have than Iowa?")
    assert things is not None
    assert compose_comparison(things, read, sure, ARTICLES.get) is None


@pytest.mark.parametrize(
    "question",
    [
        "Which drew more visitors: the Harlow fair or Zed castle?",
        "Which drew more visitors: the Harlow fair or the fair of Harlow?",
        # Not of one unit, and the other way round.
        "Which was longer, the Zug strike or the Harlow fair?",
        "How many years older is Tom Reed than Ada Finch?",
        # Hours and minutes: 90 of which is to be said?
        "How much longer was the Varna meeting than the Minsk summit?",
    ],
)
def test_undecided_where_an_amount_is_missing_or_both_are_the_same(question: str) -> None:
    things = comparison(question)
    assert things is not None
    assert compose_comparison(things, read, sure, ARTICLES.get) is None


def test_articles_that_are_gone_are_not_quoted() -> None:
    things = comparison("Which drew more visitors: the Harlow fair or Pell market?")
    assert things is not None
    assert compose_comparison(things, read, sure, lambda _: None) is None


def test_an_undecided_choice_is_between_the_things_named() -> None:
    readings = read("Harlow")
    either = ComparedThings("nine hundred", "Tom Reed", "How many", True)
    assert [reading.text for reading in naming(either, readings)] == ["nine hundred"]
    unknown = ComparedThings("Zed", "Yod", "How many", True)
    assert naming(unknown, readings) == readings
