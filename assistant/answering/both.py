"""Yes/no questions about two things at once: "Did both Norway and Sweden apply?".

In: a question, a way to find and read passages. Out: a Draft, or None where this is no such
question or nothing can be quoted of one of the two. Refuses to know: indexes, pages.

Seldom one sentence tells of both, so each is asked about by itself. The answer is No where one is
told to be No, Yes where both are told to be Yes, else the two sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answering.extractive import Draft
from assistant.answering.polar import compose_polar, polar_question
from assistant.answering.several import together
from assistant.types import Article, Reading

Read = Callable[[str], list[Reading]]

# What an auxiliary of two things is of one.
_OF_ONE = {"are": "is", "were": "was", "do": "does", "have": "has"}
_AUXILIARY = r"(?P<auxiliary>are|were|do|did|have|had|can|could|will|would|should|may|might|must)"
_LEAD = r"^(?P<lead>(?!why\b|how\b|when\b|where\b|wh)[^?]{3,80},\s+)?"
_NAME = r"(?-i:[^\W\d_a-zß-ÿ])[\w'’.-]*"
# Where the second thing ends is plain only of names and "the bridge".
_THING = rf"(?:(?:the\s+)?{_NAME}(?:\s+(?:(?:of|the|de)\s+)?{_NAME})*|the\s+\w+)"
_BOTH_FIRST = re.compile(
    rf"{_LEAD}{_AUXILIARY}\s+both\s+(?:of\s+)?(?P<first>(?:(?!\band\b)[^?,;]){{2,100}}?)\s+and\s+"
    rf"(?P<second>{_THING})\s+(?P<rest>[^?]{{2,200}})\?*$",
    re.IGNORECASE,
)
_BOTH_LAST = re.compile(
    rf"{_LEAD}{_AUXILIARY}\s+(?P<first>(?:(?!\band\b)[^?,;]){{2,100}}?)\s+and\s+"
    r"(?P<second>(?:(?!\band\b)[^?,;]){2,100}?)\s+both\s+(?P<rest>[^?]{2,200})\?*$",
    re.IGNORECASE,
)


def both_question(question: str) -> tuple[str, str] | None:
    """The question about each of the two things, or None."""
    match = _BOTH_FIRST.match(question) or _BOTH_LAST.match(question)
    if match is None:
        return None
    auxiliary = match["auxiliary"].casefold()
    asking = _OF_ONE.get(auxiliary, auxiliary)
    lead = match["lead"] or ""
    first, second = (
        f"{lead}{asking if lead else asking.capitalize()} {match[thing]} {match['rest']}?"
        for thing in ("first", "second")
    )
    return (first, second) if polar_question(first) and polar_question(second) else None


def compose_both(
    parts: tuple[str, str],
    read: Read,
    answerability: Callable[[Sequence[Reading]], float],
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The verdict on both, with a sentence for each; as sure as the less sure of the two."""
    drafts = []
    for part in parts:
        readings = read(part)
        draft = compose_polar(part, readings, answerability(readings), find_article)
        if draft is None:
            return None
        drafts.append(draft)
    told = {draft.answer for draft in drafts}
    whole = together(drafts, find_article)
    answer = " ".join(citation.quote for citation in whole.citations)
    if "No" in told:
        answer = "No"
    elif told == {"Yes"}:
        answer = "Yes"
    return replace(whole, answer=answer, confidence=min(draft.confidence for draft in drafts))
