"""Questions that compare two named things by an amount, told from those that only look like it.

In: a question. Out: what is compared and how each amount is asked for, or None.
Refuses to know: passages, models, wording of answers.

A question wrongly taken for a comparison is answered with one of two names from unrelated numbers,
so whatever is in doubt is none: comparatives that describe ("the younger brother"), wishes ("called
for higher taxes"), three things, "than" inside the question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MORE = (
    "more most higher highest longer longest larger largest bigger biggest greater greatest older "
    "oldest taller tallest farther farthest heavier heaviest deeper wider"
).split()
_LESS = (
    "fewer fewest less least lower lowest shorter shortest smaller smallest younger youngest "
    "cheaper cheapest lighter lightest"
).split()
# How the amount is asked for where no noun follows ("more people" asks for how many people).
_ASKED_BY = {
    "older": "How old", "oldest": "How old", "younger": "How old", "youngest": "How old",
    "longer": "How long", "longest": "How long", "shorter": "How long", "shortest": "How long",
    "taller": "How tall", "tallest": "How tall", "farther": "How far", "heavier": "How heavy",
    "deeper": "How deep", "cheaper": "How much", "less": "How much",
}  # fmt: skip
_COUNTING = frozenset("more most fewer fewest less least".split())
_UNCOUNTED = re.compile(r"(?:money|rain|snow|time|power|oil|gas|land|water|aid)\b|$", re.IGNORECASE)

_WORD = rf"\b(?P<word>{'|'.join(_MORE + _LESS)})\b"
_LINK = r"(?:in|at|on|for|from|to|with|during|by|under|after)"
_AUXILIARY = r"(?:did|do|does|was|were|is|are|has|have|had)"
_LEAD = r"^(?:(?!why\b|how\b|when\b|where\b)[^,:?]{3,80}[,:]\s+)?"
_WHICH = re.compile(
    rf"{_LEAD}(?:which|what|who)\b(?P<before>[^,:?]{{0,80}}?){_WORD}(?P<after>[^,:?]{{0,80}})"
    r"[,:]\s*(?P<first>[^?]{1,120}?)\s*,?\s+or\s+(?P<second>[^?]{1,120}?)\W*$",
    re.IGNORECASE,
)
_WHERE = re.compile(
    rf"{_LEAD}{_AUXILIARY}\s+(?P<before>[^,?]{{0,80}}?){_WORD}(?P<after>[^,?]{{0,80}}?)\s+"
    rf"(?P<link>{_LINK})\s+(?P<first>[^?,]{{1,80}}?)\s*,?\s+or\s+(?:{_LINK}\s+)?"
    r"(?P<second>[^?]{1,80}?)\W*$",
    re.IGNORECASE,
)
_EITHER = re.compile(
    rf"{_LEAD}{_AUXILIARY}\s+(?P<first>[^?,]{{1,80}}?)\s+or\s+"
    r"(?P<second>(?-i:(?:the\s+)?[A-Z][\w'’.-]*(?:\s+(?:of\s+)?[A-Z][\w'’.-]*)*))\s+"
    rf"(?P<before>[^,:?]{{0,80}}?){_WORD}(?P<after>[^,:?]{{0,80}}?)\W*$",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    rf"{_LEAD}how\s+(?P<how>many|much)\s+(?:(?P<unit>[\w%]+)\s+)?{_WORD}(?P<after>[^?]{{0,80}}?)\s+"
    rf"{_AUXILIARY}\s+(?P<first>[^?]{{1,120}}?)\s+than\s+(?P<second>[^?]{{1,120}}?)\W*$",
    re.IGNORECASE,
)
_TWISTED = re.compile(
    r"\bno\s+(?:more|longer|less|fewer|lower|higher)\b|\bat\s+(?:the\s+)?(?:least|most)\b|"
    r"\bmore or less\b|\bbefore or after\b|\b(?:most|longest|oldest|highest|lowest|largest)-|"
    r"\b(?:more|most|less|least)\s+(?:to|likely|common|recent|popular|important|"
    r"\w+(?:ous|ful|ive|ble|ly|ced|sed|ent))\b",
    re.IGNORECASE,
)
_THAN = re.compile(r"\bthan\b", re.IGNORECASE)
_WISHED = re.compile(
    r"\b(?:want|call|promis|propos|support|oppos|favou?r|demand|said|say|claim|predict|expect|plan|"
    r"replac|wrote|believ|think|accus|backs?\b|backed|asks?\b|asked|bans?\b|banned)",
    re.IGNORECASE,
)
# "Whose younger brother …", but "Who has the younger squad".
_DESCRIBED = re.compile(r"(?:\b(?:the|its|his|her|their)|['’]s)\s*$", re.IGNORECASE)
_HAVING = re.compile(
    r"\b(?:is|are|was|were|has|have|had|g[eo]t|won|win|earn\w*|pa(?:y|id)|fac\w+|receiv\w+|"
    r"suffer\w*|scor\w+)\s+the\s*$",
    re.IGNORECASE,
)
_NO_THING = re.compile(
    r"^(?:expected|planned|reported|usual|before|it|he|she|they|the (?:council|government) said)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r",\s+(?:in|on|at|during|according|by|and)\b.*$", re.IGNORECASE)
# Longer questions are no such question, and would take the patterns long.
_LONGEST_CHARS = 300


@dataclass(frozen=True, slots=True)
class ComparedThings:
    """Two things and how the amount of each is asked for: `asked`, the thing, `tail`.

    `more`: whether the greater amount is wanted. `difference`: how much greater (or, without
    `more`, smaller) the first thing's is.
    """

    first: str
    second: str
    asked: str
    more: bool
    difference: bool = False
    tail: str = ""

    @property
    def of_age(self) -> bool:
        """Whether the amounts are ages in years."""
        return self.asked.startswith("How old")

    @property
    def counts(self) -> bool:
        """Whether the amounts count what the words after "How many" name."""
        return self.asked.startswith("How many")

    def question(self, thing: str) -> str:
        """The question for one thing's amount."""
        return f"{self.asked} {thing}{self.tail}?"


def comparison(question: str) -> ComparedThings | None:
    """The two things that the question compares by an amount, or None."""
    if len(question) > _LONGEST_CHARS or _TWISTED.search(question):
        return None
    match = _DIFFERENCE.match(question)
    if match:
        return _difference(match)
    if _THAN.search(question):
        return None
    match = _WHICH.match(question) or _WHERE.match(question) or _EITHER.match(question)
    return _choice(match) if match else None


def _difference(match: re.Match[str]) -> ComparedThings | None:
    after, unit = match["after"].strip(), (match["unit"] or "").casefold()
    if unit in ("times", "percent", "%") or re.match(r"(?:times|likely|than)\b", after):
        return None
    if _NO_THING.match(match["second"]):
        return None
    opening = _ASKED_BY.get(match["word"].casefold(), f"How {match['how']}")
    asked = " ".join(part for part in (opening, after) if part)
    more = match["word"].casefold() in _MORE
    return ComparedThings(match["first"], match["second"], asked, more, difference=True)


def _choice(match: re.Match[str]) -> ComparedThings | None:
    parts = match.groupdict()
    before, after, word = match["before"], match["after"].strip(), match["word"].casefold()
    described = _DESCRIBED.search(before) and not _HAVING.search(before)
    if described or _WISHED.search(before):
        return None
    tail = _TAIL.search(match["second"])
    second = _TAIL.sub("", match["second"])
    if "," in match["first"] or re.search(r"\bor\b", second) or second in _MORE + _LESS:
        return None
    if word in _ASKED_BY and not re.match(r"[a-z]+s\b", after):
        opening = _ASKED_BY[word]
    elif word in _COUNTING:
        opening = "How much" if _UNCOUNTED.match(after) else "How many"
    else:
        opening = "What"
    rest = re.sub(r"\b(?:at|by|a|an|the|of)\s*$", "", before.strip()).strip()
    # "which state has more": the thing stands for the state.
    rest = re.sub(r"^\w+\s+(?=(?:has|have|had|is|was|were|are|did)\b)", "", rest)
    asked = " ".join(part for part in (opening, after, rest, parts.get("link")) if part)
    return ComparedThings(
        match["first"], second, asked, word in _MORE, tail=tail[0] if tail else ""
    )
