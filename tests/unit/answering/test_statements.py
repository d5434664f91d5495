"""Whole statements for what somebody said about something."""

from __future__ import annotations

import pytest

from assistant.answering.statements import asks_for_statement, whole_statement
from assistant.types import Passage, Reading
from tests.conftest import article

TEXT = (
    "Reed spoke first. “We will not sign a bad deal,” Reed said of the talks. "
    'Finch told reporters that the bridge would open in May. "It is a mess," she wrote, "and '
    'nobody cares." The toll was nine. Finch told the New York Times that rain would fall. '
    'Kay called it “no foregone conclusion," dashing hopes. He is 6" tall, said Kay in June. '
    "Reed, who said nothing, resigned."
)
SOURCE = article(1, text=TEXT)


def reading(span: str) -> Reading:
    at = 100  # the passage begins inside the article
    passage = Passage(SOURCE.id, SOURCE.id, SOURCE.url, SOURCE.title, TEXT, at, at + len(TEXT))
    start = at + TEXT.index(span)
    return Reading(passage, 1.0, span, start, start + len(span), 0.5)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Reed say about the talks?", True),
        ("In May, what did Ada Finch tell the New York Times about the bridge?", True),
        ("What has Ada Finch said about the bridge?", True),
        ("What did Reed tell police he had stolen?", False),
        ("What did the storm claim in Florida?", False),
        ("What did Reed refuse to say about the money?", False),
        ("What did Reed say about how many died?", False),
        ("What did the mayor say?", True),
        ("What did Reed say caused the fire?", False),
        ("What did Reed promise to sign?", False),
        ("Who said the bridge would open in May?", False),
    ],
)
def test_recognised(question: str, expected: bool) -> None:
    assert asks_for_statement(question) is expected


@pytest.mark.parametrize(
    ("span", "whole"),
    [
        ("a bad deal", "We will not sign a bad deal,"),
        ("May", "the bridge would open in May."),
        ("mess", "It is a mess,"),
        ("nobody cares", "and nobody cares."),
        ("nine", "nine"),
        ("rain", "rain would fall."),
        ("foregone", "no foregone conclusion,"),
        ("June", "June"),
        ("resigned", "resigned"),
        (
            "We will not sign a bad deal,” Reed said of",
            "We will not sign a bad deal,” Reed said of",
        ),
    ],
)
def test_a_few_words_become_the_statement(span: str, whole: str) -> None:
    widened = whole_statement(reading(span))
    assert widened.text == whole
    at = widened.passage.start
    assert widened.passage.text[widened.start - at : widened.end - at] == whole
