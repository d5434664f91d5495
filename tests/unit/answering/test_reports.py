"""Questions about several reports are asked of each."""

from __future__ import annotations

import pytest

from assistant.answering.reports import report_questions


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Does the Gazette article claim ferries sank, while the Post story says they sail?",
            (
                "Does the Gazette article claim ferries sank?",
                "Is it true that the Post story says they sail?",
            ),
        ),
        (
            "Did the Gazette report blame the captain, and does the Post article blame the owner?",
            (
                "Did the Gazette report blame the captain?",
                "Does the Post article blame the owner?",
            ),
        ),
        (
            "Has the Gazette story been denied, and has the Post story been confirmed?",
            ("Has the Gazette story been denied?", "Has the Post story been confirmed?"),
        ),
        (
            "Does the Gazette article praise Fry, while Sporting Post reports blame her?",
            (
                "Does the Gazette article praise Fry?",
                "Is it true that Sporting Post reports blame her?",
            ),
        ),
        ("Was the post vacant, while the Post story says it was filled?", ()),
        ("Did the ferry sink while the captain slept?", ()),
        ("Did police in Pell post guards while the story ran?", ()),
        ("Does the Gazette article say the review began while the post was vacant?", ()),
        ("Does the Gazette article praise Fry, while she denies the Post story?", ()),
        ("Does the Gazette article praise Fry, while also mentioning the Post story?", ()),
        ("Does the Gazette article praise Fry, while the Post story doesn't?", ()),
        ("What does the Gazette article claim, while the Post article denies it?", ()),
        ("Does the Gazette article claim that ferries sank while they sailed?", ()),
    ],
)
def test_parts(question: str, parts: tuple[str, ...]) -> None:
    assert report_questions(question) == parts


def test_a_named_publisher_is_a_report() -> None:
    question = "Does 'The Post' praise the captain, while 'The Gazette' blames her?"
    assert report_questions(question) == ()
    assert report_questions(question, ("The Post", "The Gazette")) == (
        "Does 'The Post' praise the captain?",
        "Is it true that 'The Gazette' blames her?",
    )


@pytest.mark.parametrize(
    "question",
    [
        "Did Fortune report it, while the fortune lasted?",
        "Did Time err, while sometimes it rained?",
    ],
)
def test_a_word_that_a_publisher_is_called_by_is_no_report(question: str) -> None:
    assert report_questions(question, ("Fortune", "Time")) == ()
