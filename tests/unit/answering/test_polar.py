"""Yes/no questions: which they are, and the sentence that answers them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.answering.polar import compose_parts, compose_polar, polar_question
from assistant.types import Passage, Reading
from tests.conftest import article

NORWAY = article(1, text="Norway applied to join the pact.")
SWEDEN = article(2, text="Sweden applied to join the pact.")
ZUG = article(3, text="Zug never applied to join the pact.")
PELL = article(4, text="Pell is a town of nine houses.")
ARTICLES = {one.id: one for one in (NORWAY, SWEDEN, ZUG, PELL)}


def reading(name: str) -> Reading:
    """What a reader would say of the article about `name`."""
    one = next(one for one in ARTICLES.values() if one.text.startswith(name))
    passage = Passage(one.id, one.id, one.url, one.title, one.text, 0, len(one.text), score=3.0)
    return Reading(passage, 3.0, name, 0, len(name), 0.5)


def read(clause: str) -> list[Reading]:
    return [reading(n) for n in ("Norway", "Sweden", "Zug", "Pell") if n in clause]


def sure(readings: Sequence[Reading]) -> float:
    return 0.4 if readings and readings[0].passage.text.startswith("Zug") else 0.9


@pytest.mark.parametrize(
    "question",
    [
        "Did the council approve the bridge?",
        "Is the museum free on Sundays?",
        "When the ferry sank in May 2024, was anyone rescued?",
        "And have the talks resumed?",
        "If I lose my ticket, can I get another?",
        "Wasn't the vote postponed?",
        "Was it approved or not?",
        "Can't the court overturn it?",
        "Did Fry, who led the inquiry, resign?",
        "Despite the storm, did the race go ahead?",
        "As the Gazette reported, did Fry resign?",
        "Yesterday, did prices rise?",
        "After Fry said on Monday that the mill, shut in 1990, would reopen, did it?",
        "Was anyone killed or injured?",
        "Can you tell me whether the ferry sank?",
        "Did Fry say how she would vote?",
    ],
)
def test_asks_for_yes_or_no(question: str) -> None:
    assert polar_question(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who approved the bridge?",
        "Did the price rise or fall?",
        "Had the two ended level, why would the home side go through?",
        "When did the ferry sink?",
        "What is the fare?",
        "In May, how many were rescued?",
        "In what year, according to the Gazette, did Fry resign?",
        "When, according to the Gazette, did the ferry sink?",
        "By whom, in 1990, was the mill built?",
        "Considering two reports, which mill, shut in 1990, did Fry reopen?",
        "In May, the ferry sank. Where, if anywhere, was it raised?",
        "Did Fry win, and by how much?",
        "Has the mill closed and why?",
        "Can you tell me who won?",
        "Is it known how many died?",
        "Was there any change or was it the same?",
        "Is",
    ],
)
def test_asks_for_something_else(question: str) -> None:
    assert not polar_question(question)


def test_the_answer_is_the_sentence_that_shares_most_with_the_question() -> None:
    draft = compose_polar(
        "Did Norway apply to join?", [reading("Pell"), reading("Norway")], 0.9, ARTICLES.get
    )
    assert draft is not None
    assert draft.answer == "Norway applied to join the pact."
    assert draft.sentences == ("Norway applied to join the pact. [1]",)
    [citation] = draft.citations
    assert NORWAY.text[citation.start : citation.end] == citation.quote


def test_another_question_or_nothing_read_gives_nothing() -> None:
    assert compose_polar("Who applied?", [reading("Norway")], 0.9, ARTICLES.get) is None
    assert compose_polar("Did Norway apply?", [], 0.0, ARTICLES.get) is None


def test_a_sentence_for_each_part() -> None:
    parts = ("Did Norway apply to join?", "Did Sweden apply to join?")
    draft = compose_parts(parts, read, sure, ARTICLES.get, 0.5)
    assert draft is not None
    assert draft.answer.startswith("Norway applied to join the pact. ")
    assert [citation.article.text.split()[0] for citation in draft.citations] == [
        "Norway", "Sweden",
    ]  # fmt: skip
    assert draft.confidence == 0.9
    assert not draft.notes


@pytest.mark.parametrize("other", ["Did Zug apply to join?", "Did Ulm apply to join?"])
def test_a_part_that_is_not_settled_is_named_and_not_quoted(other: str) -> None:
    parts = ("Did Norway apply to join?", other)
    draft = compose_parts(parts, read, sure, ARTICLES.get, 0.5)
    assert draft is not None
    assert draft.answer == "Norway applied to join the pact."
    assert draft.notes == (f"The archive does not settle “{other}”",)


def test_where_no_part_is_settled_all_are_quoted_and_none_is_sure() -> None:
    draft = compose_parts(("Did Zug apply?",), read, sure, ARTICLES.get, 0.5)
    assert draft is not None
    assert draft.confidence == 0.4
    assert "Zug" in draft.answer


def test_nothing_where_nothing_can_be_quoted() -> None:
    assert compose_parts(("Did Ulm apply?",), read, sure, ARTICLES.get, 0.5) is None
