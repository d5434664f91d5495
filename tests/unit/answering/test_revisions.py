"""Amounts that a later report takes back, and what a correction names as its mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.extractive import compose
from assistant.answering.revisions import asks_for_earlier, is_mistake, revised, revisions
from assistant.types import Article, Passage, Reading
from tests.conftest import article, day

OLD = article(1, title="Toll at 115", text="The Marlow fire has killed 115 people in Odeville.")
NEW = article(
    2,
    title="Toll lowered in Odeville",
    text="Officials lowered the number of people killed in the Marlow fire to 97, from 115.",
    published_at=day("2024-06-01"),
)
NEWEST = article(
    3,
    title="Odeville toll",
    text="A week later the toll of the Marlow fire was raised to 98 from 97.",
    published_at=day("2024-06-08"),
)


def reading(source: Article, words: str, relevance: float = 2.0) -> Reading:
    start = source.text.index(words)
    passage = Passage(
        f"{source.id}.1.0", source.id, source.url, source.title, source.text, 0, len(source.text),
        published_at=source.published_at, score=relevance,
    )  # fmt: skip
    return Reading(passage, relevance, words, start, start + len(words), 0.9)


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        ("They lowered the number of dead to 97 on Friday, from 115.", "115", "97"),
        ("The death toll was revised down from 115 to at least 97.", "115", "97"),
        ("The toll rose to 120, up from 97.", "97", "120"),
        ("The agency put the number of dead at 98, not 89 as first reported.", "89", "98"),
        ("The bank cut its growth forecast to 2.1% from about 2.4%.", "2.4", "2.1"),
        ("That raised the total cost to $1.9 billion from $1.7 billion.", "$1.7 billion",
         "$1.9 billion"),
        ("The death toll now stands at 97, down from 115.", "115", "97"),
        ("Officials initially put the death toll at 115 but lowered it to 97.", "115", "97"),
        ("Its growth forecast was raised to 0.8% from a previous 0.5%.", "0.5", "0.8"),
        ("The size was revised to 14,200 acres from 16,000 acres after mapping.", "16,000",
         "14,200"),
    ],
)  # fmt: skip
def test_what_takes_the_place_of_what(sentence: str, old: str, new: str) -> None:
    text = f"It rained. {sentence} Work goes on."
    (one,) = revisions(text)
    assert (text[one.old.start : one.old.end], text[one.new.start : one.new.end]) == (old, new)


@pytest.mark.parametrize(
    "sentence",
    [
        "The number of stores rose to 300 from 250 a year earlier.",
        "The total rose to 300 from 250 in 2019.",
        "Sales went to 300 from 250.",
        "The number rose to 300. It was 250 from the start.",
        "The toll rose to 97 people from 12 countries.",
        "They raised $5 million from 40 donors for the total.",
        "The number was 98, not 89.",
        "Shares fell to $41.20 from $45.10 after the company cut its forecast.",
        "The death toll was not lowered to 97 from 115, the mayor said.",
        "The bank could lower its forecast to 1.5% from 2%.",
        "A plan to cut the number of seats from 51 to 21 was rejected.",
        "The number of births dropped from 800,000 in the 1990s to 480,000.",
        "They raised the toll to 23 dead and 51 injured, up from 19 dead and 40 injured.",
        "The vote was 219-210, not 220-210 as earlier reported.",
        "The rate increased from 6 to 8 p.m.",
    ],
)
def test_what_takes_nothing_back(sentence: str) -> None:
    assert list(revisions(sentence)) == []


def test_the_figure_that_stands_is_the_answer() -> None:
    stored = {one.id: one for one in (OLD, NEW, NEWEST)}
    readings = [reading(OLD, "115", 4.0), reading(NEW, "Officials")]
    draft = compose(readings, 0.8, stored.get, latest=True)
    assert draft.answer == "97"
    assert draft.sentences == (f"{NEW.text} [1]",)
    assert draft.notes == ()
    assert compose(readings, 0.8, stored.get).answer == "115"
    followed = compose([*readings, reading(NEWEST, "week")], 0.8, stored.get, latest=True)
    assert followed.answer == "98"


def test_a_revision_within_the_answers_own_sentence() -> None:
    standing = revised(reading(NEW, "115"), [reading(NEW, "115")])
    assert standing is not None
    assert (standing.text, NEW.text[standing.start : standing.end]) == ("97", "97")


def test_reports_that_are_older_elsewhere_or_far_off_take_nothing_back() -> None:
    answer = reading(OLD, "115")
    assert revised(answer, [reading(OLD, "115"), reading(NEW, "97")]) is not None
    undated = article(4, title="Odeville", text=NEW.text, published_at=None)
    older = article(5, title="Odeville", text=NEW.text, published_at=day("2024-01-01"))
    elsewhere = article(
        6, text="The toll in Aldham fell to 97 from 115.", published_at=day("2024-06-01")
    )
    for source in (undated, older, elsewhere):
        assert revised(answer, [answer, reading(source, "97")]) is None
    assert revised(answer, [answer, reading(NEW, "97", -20.0)]) is None
    dollars = article(7, text="It cost Odeville $115 in Marlow.")
    assert revised(reading(dollars, "$115"), [reading(NEW, "97")]) is None


def test_another_count_of_the_same_size_stands() -> None:
    for text in (
        "In Odeville 115 homes burned in one street.",
        "The Marlow brewery employs 115 people in Odeville.",
        "In Odeville 115 people were hurt by the Marlow fire.",
    ):
        other = article(7, title="Odeville", text=text)
        assert revised(reading(other, "115"), [reading(NEW, "97")]) is None


def test_revisions_that_lead_back_leave_the_answer_alone() -> None:
    back = article(
        8,
        title="Odeville",
        text="Later the toll of the Marlow fire rose to 115 from 97.",
        published_at=day("2024-06-08"),
    )
    answer = reading(OLD, "115")
    assert revised(answer, [answer, reading(NEW, "97"), reading(back, "97")]) is None


@pytest.mark.parametrize(
    ("question", "earlier"),
    [
        ("how many people died in the marlow fire", False),
        ("How many were killed on Maui?", False),
        ("What is the bridge's cost in the latest estimate?", False),
        ("What was the toll on August 21?", True),
        ("How many died in August?", True),
        ("What was the toll first put at?", True),
        ("How many were dead by the end of the first week?", True),
        ("From what was the toll lowered?", True),
        ("To what was the toll lowered?", False),
        ("How many died in the Marlow fire's first week?", True),
        ("How many were dead two days after the quake?", True),
        ("How many people died in the First Avenue fire?", False),
        ("How many acres were burned in the Marlow fire?", False),
        ("How many died in the 2018 fire?", True),
    ],
)
def test_whether_the_question_names_a_time(question: str, earlier: bool) -> None:
    assert asks_for_earlier(question) is earlier


def test_what_a_correction_calls_its_mistake_is_no_answer() -> None:
    note = "Correction: An earlier version of this report said that 66 people were missing. "
    source = article(8, text=f"In Odeville 31 people are missing. {note}The number is 31.")
    assert is_mistake(reading(source, "66"))
    assert not is_mistake(reading(source, "31"))
    draft = compose([reading(source, "66")], 0.8, {source.id: source}.get)
    assert draft.answer == ""
    for text in (
        "This article originally said 66; it is 31.",
        "An earlier version said 66 people were missing, instead of 31.",
        "An earlier version of this story gave the toll as 66, but police say it is 31.",
    ):
        one = article(9, text=text)
        assert is_mistake(reading(one, "66"))
        assert not is_mistake(reading(one, "31"))
    assert not is_mistake(
        reading(article(10, text="This article originally appeared in the Gazette."), "Gazette")
    )


@given(st.text(alphabet="tofrmn 0123456789,.$%bilowered", max_size=80))
def test_revisions_lie_in_the_text(text: str) -> None:
    for one in revisions(text):
        for amount in one:
            assert 0 <= amount.start < amount.end <= len(text)
