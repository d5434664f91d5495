"""Publishers that a question names as its source become filters; subjects do not."""

from __future__ import annotations

import pytest

from assistant.retrieval.sources import named_sources

PUBLISHERS = ("Marlow Gazette", "The Meridian Post", "CNBC | World Business", "Time")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What does the Marlow Gazette article say about ferries?", ["Marlow Gazette"]),
        ("What does 'The Meridian Post' article claim?", ["The Meridian Post"]),
        ("Who is the mayor, according to the Meridian Post?", ["The Meridian Post"]),
        (
            "Which ferry, as reported by both Marlow Gazette and The Meridian Post, sank?",
            ["Marlow Gazette", "The Meridian Post"],
        ),
        (
            "What do articles from 'Marlow Gazette', 'Time' and “The Meridian Post” agree on?",
            ["Marlow Gazette", "Time", "The Meridian Post"],
        ),
        ("Did the CNBC report mention a strike?", ["CNBC | World Business"]),
        ("Did Time report the strike?", ["Time"]),
        ("What did the New York Times story say?", ["New York Times"]),
        ("Which port does the BBC Sport coverage name?", ["BBC Sport"]),
    ],
)
def test_a_source(question: str, named: list[str]) -> None:
    assert [one.publisher for one in named_sources(question, PUBLISHERS)] == named


@pytest.mark.parametrize(
    "question",
    [
        "Who bought The Meridian Post?",
        "Was it time to report the strike?",
        "What did the Goldman Sachs report say?",
        # A wire's words in another paper: what the archive lacks, it may still quote.
        "How many died, according to Reuters?",
        "Who reported the fire?",
    ],
)
def test_no_source(question: str) -> None:
    assert named_sources(question, PUBLISHERS) == ()


def test_an_archive_without_publishers() -> None:
    assert named_sources("What does the Gazette article say?", ()) == ()
    assert [one.publisher for one in named_sources("What did the CNN report say?", ())] == ["CNN"]


def test_the_words_are_kept() -> None:
    [one] = named_sources("Who won, according to the Marlow Gazette?", PUBLISHERS)
    assert one.because == "according to the Marlow Gazette"
