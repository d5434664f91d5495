"""Publishers that a question names as its source become filters; subjects do not."""

from __future__ import annotations

import pytest

from assistant.retrieval.sources import named_sources

PUBLISHERS = (
    "Marlow Gazette", "The Meridian Post", "CNBC | World Business", "Time", "People",
    "Pell Daily | Local news",
)  # fmt: skip


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
        ("What did the Guardian report about ferries?", ["Guardian"]),
        ("According to a report in Time magazine, who won?", ["Time"]),
        ("who won according to cnbc?", ["CNBC | World Business"]),
        ("Who won, as per 'Time'?", ["Time"]),
        ("How many died? The Meridian Post says nine.", ["The Meridian Post"]),
        ("After Time reported the strike, who resigned?", ["Time"]),
        ("Do “Time,” and “Marlow Gazette” articles agree?", ["Time", "Marlow Gazette"]),
        ("What is the Marlow Gazette's latest story about?", ["Marlow Gazette"]),
        ("Did Pell Daily report the strike?", ["Pell Daily | Local news"]),
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
        # Ordinary words, and parts of other names.
        "How many people reported the smell of gas?",
        "How Many People Reported the Smell?",
        "People say the mayor resigned. Did she?",
        "Was the outage reported by people nearby?",
        "What did the legal guardian's report recommend?",
        "What did the independent review find?",
        "What did the Independent Review of Policing find?",
        "What did the Marlow Independent report say?",
        "According to Time Warner, what did it cost?",
        "According to Forbes Ansell, how did he die?",
        "What did the Guardian-led inquiry report?",
        # The outlet's people and business.
        "According to Time's owner, who will buy it?",
        "According to Time staff, who will go?",
        "Which lawyer for Time wrote the letter?",
        "Why did Time report a record loss?",
        "How much did Time report for the third quarter?",
        "Did Time say it would close?",
        # What others say of a report.
        "Who sued over the Fortune article?",
        "Did the mayor deny the Marlow Gazette report?",
    ],
)
def test_no_source(question: str) -> None:
    assert named_sources(question, PUBLISHERS) == ()


def test_a_list_is_whole_or_nothing() -> None:
    question = (
        "Which firm, as reported by Time, People, and the Meridian Post respectively, failed?"
    )
    assert len(named_sources(question, PUBLISHERS)) == 3
    many = "'Marlow Gazette', and " * 90  # took forever
    assert named_sources(many, PUBLISHERS) == ()
    assert named_sources("Who reported it?", ("",)) == ()


def test_an_archive_without_publishers() -> None:
    assert named_sources("What does the Gazette article say?", ()) == ()
    assert [one.publisher for one in named_sources("What did the CNN report say?", ())] == ["CNN"]


def test_the_words_are_kept() -> None:
    [one] = named_sources("Who won, according to the Marlow Gazette?", PUBLISHERS)
    assert one.because == "according to the Marlow Gazette"
