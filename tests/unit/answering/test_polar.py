"""Yes/no questions: which they are, and which way a sentence answers them."""

from __future__ import annotations

import pytest

from assistant.answering.polar import compose_polar, polar_question, verdict
from assistant.types import Passage, Reading
from tests.conftest import article


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
        "Is",
    ],
)
def test_asks_for_something_else(question: str) -> None:
    assert not polar_question(question)


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        ("Did the council approve the bridge?", "The council approved it on Monday.", "Yes"),
        ("Did the council approve the bridge?", "The council did not approve the plan.", "No"),
        ("Did the council approve the bridge?", "Councillors rejected the bridge.", "No"),
        ("Did the council reject the bridge?", "Councillors rejected the bridge.", "Yes"),
        ("Did no one reject the bridge?", "No one rejected the bridge.", "Yes"),
        ("Can dogs swim in the lake?", "Swimming is prohibited for dogs.", "No"),
        ("Wasn’t the vote postponed?", "The vote wasn't postponed.", "Yes"),
    ],
)
def test_polarity(question: str, sentence: str, said: str) -> None:
    assert verdict(question, sentence) == said


def test_the_verdict_stands_beside_its_sentence() -> None:
    source = article(1)
    passage = Passage(
        "p", source.id, source.url, source.title, source.text, 0, len(source.text), score=4.0
    )
    sentence = source.text.index("Mayor")
    reading = Reading(passage, 4.0, "Mayor", sentence, sentence + 5, 0.5)
    asked = "Did the mayor say that the plan would cost a million crowns?"
    draft = compose_polar(asked, [reading], 0.9, {source.id: source}.get)
    assert draft is not None
    assert draft.answer == "Yes"
    [citation] = draft.citations
    assert source.text[citation.start : citation.end] == citation.quote
    assert "Mayor" in citation.quote


def test_a_passage_about_something_else_gets_no_verdict() -> None:
    source = article(1)
    passage = Passage(
        "p", source.id, source.url, source.title, source.text, 0, len(source.text), score=4.0
    )
    reading = Reading(passage, 4.0, source.text[:5], 0, 5, 0.5)
    draft = compose_polar(
        "Did penguins colonise Greenland's glaciers yesterday?", [reading], 0.9,
        {source.id: source}.get,
    )  # fmt: skip
    assert draft is not None
    assert draft.answer == draft.citations[0].quote
