"""Yes/no questions about two things at once: "Did both Norway and Sweden apply?".

In: a question. Out: the question about each of the two, or None.
Refuses to know: how either is answered (polar.py).

Seldom one sentence tells of both, so each is asked about by itself.
"""

from __future__ import annotations

import re

from assistant.answering.polar import polar_question
from assistant.retrieval.conversation import CAPITAL

# What an auxiliary of two things is of one.
_OF_ONE = {"are": "is", "were": "was", "do": "does", "have": "has"}
_AUXILIARY = r"(?P<auxiliary>are|were|do|did|have|had|can|could|will|would|should|may|might|must)"
_LEAD = r"^(?P<lead>(?!why\b|how\b|when\b|where\b|wh)[^?]{3,80},\s+)?"
_WORD = rf"(?-i:{CAPITAL})[\w'’.-]*"
# Where a thing ends is plain of names only.
_THING = rf"(?:the\s+)?{_WORD}(?:\s+(?:(?:(?:of|the|de)\s+){{0,2}}{_WORD}|\d[\w-]*\b))*"
# Not "both did and …", nor what holds of two only together.
_REST = (
    r"(?P<rest>(?!(?:and|or|of|that|['’])\b)"
    r"(?![^?]*\b(?:each other|one another|the same|together)\b)"
    r"[^?]{2,200})\?*$"
)
_BOTH_FIRST = re.compile(
    rf"{_LEAD}{_AUXILIARY}\s+both\s+(?P<first>{_THING})\s+and\s+(?P<second>{_THING})\s+{_REST}",
    re.IGNORECASE,
)
_BOTH_LAST = re.compile(
    rf"{_LEAD}{_AUXILIARY}\s+(?P<first>{_THING})\s+and\s+(?P<second>{_THING})\s+both\s+"
    rf"(?!(?:in|on|at|to|for|by|last|this|the|a|an|his|her|their)\b){_REST}",
    re.IGNORECASE,
)
# "North and South Korea", "Mr. and Mrs. Smith", "Bill and Hillary Clinton" share their last word.
_HALF = re.compile(
    r"(?:North|South|East|West|New|Mr|Mrs|Ms|Dr|President|Sens?|Gov|Rep)\.?", re.IGNORECASE
)
_LONGEST_CHARS = 300


def both_question(question: str) -> tuple[str, str] | None:
    """The question about each of the two things, or None."""
    if len(question) > _LONGEST_CHARS:
        return None
    match = _BOTH_FIRST.match(question) or _BOTH_LAST.match(question)
    if match is None or _share_a_word(match["first"], match["second"]):
        return None
    auxiliary = match["auxiliary"].casefold()
    asking = _OF_ONE.get(auxiliary, auxiliary)
    lead = match["lead"] or ""
    first, second = (
        f"{lead}{asking if lead else asking.capitalize()} {match[thing]} {match['rest']}?"
        for thing in ("first", "second")
    )
    return (first, second) if polar_question(first) and polar_question(second) else None


def _share_a_word(first: str, second: str) -> bool:
    """Whether the first may be a name only with the second's last word, or the second possesses."""
    one = first.removeprefix("the ").split()
    other = second.removeprefix("the ").split()
    if second.endswith(("'s", "’s")) or _HALF.fullmatch(first):
        return True
    return len(one) == 1 and len(other) > 1 and not _HALF.fullmatch(other[0])
