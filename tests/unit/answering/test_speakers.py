"""Who denied something, by the verb that says so."""

from __future__ import annotations

import pytest

from assistant.answering.speakers import _speaker, denials
from assistant.sentences import Span
from assistant.types import Passage, Reading
from tests.conftest import article


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("Ada Finch denied the claim.", "Ada Finch"),
        ("MARLOW — Odeville has rejected the American claim.", "Odeville"),
        ("MARLOW (Harbor Wire) — North Odeville said so, rejecting reports.", "North Odeville"),
        ("Odeville has warned the U.S. to be quiet after denying that it sold arms.", "Odeville"),
        ('Odeville called the finding "fake" and denied buying from Marlow.', "Odeville"),
        ("Jo Ode, the mayor's spokesman, again dismissed the report.", "Jo Ode"),
        ("Julián Álvarez denied it.", "Julián Álvarez"),
        ("An official denied it.", None),
        ("Ada Finch confirmed the claim.", None),
    ],
)
def test_the_subject_of_the_denial(sentence: str, speaker: str | None) -> None:
    span = _speaker(sentence, Span(0, len(sentence)))
    assert (sentence[span.start : span.end] if span else None) == speaker


def reading(text: str, score: float, number: int = 1) -> Reading:
    source = article(number, text=text, title="Report")
    passage = Passage(
        source.id, source.id, source.url, source.title, text, 0, len(text), score=score
    )
    return Reading(passage, score, "", 0, 0, 0.0)


def test_all_who_denied_the_same_and_nobody_else() -> None:
    readings = [
        reading("Marlow denied the arms sale. Its mayor resigned.", 3.0, 1),
        reading("Odeville rejected talk of arms.", 1.0, 2),
        reading("Jo Ode denied theft from the shop.", 1.0, 3),
        reading("Ada Finch denied arms deals.", -9.0, 4),
    ]
    found = denials("Who denied the arms sale?", readings)
    assert [one.text for one in found] == ["Marlow", "Odeville"]
    for one in found:
        assert one.passage.text[one.start : one.end] == one.text


@pytest.mark.parametrize("question", ["Who sold the arms?", "Why was the claim denied?", ""])
def test_other_questions_are_left_alone(question: str) -> None:
    assert denials(question, [reading("Marlow denied the arms sale.", 3.0)]) == []
