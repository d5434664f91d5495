"""Questions that compare two things by an amount: "Which drew more people, A or B?", "How many
years older is A than B?".

In: a question, a way to find and read passages. Out: a Draft, or None where this is no such
question or an amount is not found. Refuses to know: indexes, pages.

Seldom one sentence says both, so each amount is looked up by itself: "How many people drew A?".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answering.citations import CitationList
from assistant.answering.extractive import Draft, by_span, relevance_shares
from assistant.answering.quantities import amounts
from assistant.sentences import enclosing_sentences
from assistant.types import Article, Reading

Read = Callable[[str], list[Reading]]

_UP = (
    "more most higher highest longer longest larger largest bigger biggest greater greatest older "
    "oldest taller tallest farther further farthest heavier heaviest deeper wider faster fastest"
).split()
_DOWN = (
    "fewer fewest less least lower lowest shorter shortest smaller smallest younger youngest "
    "cheaper lighter nearer closer"
).split()
# How the amount is asked for where no noun follows ("more people" asks for how many people).
_ASKED_BY = {
    "older": "How old", "oldest": "How old", "younger": "How old", "youngest": "How old",
    "longer": "How long", "longest": "How long", "shorter": "How long", "shortest": "How long",
    "taller": "How tall", "tallest": "How tall", "farther": "How far", "further": "How far",
    "heavier": "How heavy", "faster": "How fast", "deeper": "How deep", "cheaper": "How much",
    "less": "How much",
}  # fmt: skip
_WORD = rf"\b(?P<word>{'|'.join(_UP + _DOWN)})\b"
_WHICH = re.compile(
    rf"^(?:.{{3,80}}?[,:]\s+)?(?:which|what|who)\b(?P<before>[^,:?]{{0,80}}?){_WORD}(?P<after>[^:?]*?)"
    r"\s*[,:]\s*(?P<first>[^?]+?)\s*,?\s+or\s+(?P<second>[^?]+?)\W*$",
    re.IGNORECASE,
)
_DID = re.compile(
    rf"^(?:.{{3,80}}?[,:]\s+)?(?:did|do|does|was|were|is|are|has|have|had)\s+(?P<before>[^?]{{0,120}}?)"
    rf"{_WORD}(?P<after>[^?]*?)\s+(?P<link>in|at|on|for|from|to|with|during|by|under|after)\s+"
    r"(?P<first>[^?,]+?)\s*,?\s+or\s+(?:(?:in|at|on|for|from|to|with|during|by|under|after)\s+)?"
    r"(?P<second>[^?]+?)\W*$",
    re.IGNORECASE,
)
_EITHER = re.compile(
    r"^(?:.{3,80}?[,:]\s+)?(?:did|do|does|was|were|is|are|has|have|had)\s+(?P<first>[^?,]{1,80}?)\s+"
    r"or\s+(?P<second>(?-i:(?:the\s+)?[A-Z][\w'’.-]*(?:\s+(?:of\s+)?[A-Z][\w'’.-]*)*))\s+"
    rf"(?P<before>[^,:?]{{0,80}}?){_WORD}(?P<after>[^:?]*?)\W*$",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    rf"^(?:.{{3,80}}?[,:]\s+)?how\s+(?:many|much)\s+(?P<unit>[\w%]+\s+)?{_WORD}(?P<after>[^?]*?)\s+"
    r"(?:is|was|are|were|did|does|do|has|have|had)\s+(?P<first>[^?]+?)\s+than\s+"
    r"(?P<second>[^?]+?)\W*$",
    re.IGNORECASE,
)
# "Dugan, 65," or "aged 65" or "65-year-old"; "Branch 31" is no age.
_AGE = re.compile(r"(?:,\s|\bage[ds]?\s|\bis\s|\bturned\s)\d+\b|\d+[-\s]years?[-\s]olds?\b")
_NEAR_THE_BEST = 2.0
_YEARS = (1900.0, 2100.0)


@dataclass(frozen=True, slots=True)
class ComparedThings:
    """Two things and how the amount of each is asked for ("How many people did … draw").

    `more`: the one with the greater amount is wanted; None where the difference is.
    """

    first: str
    second: str
    asked: str
    more: bool | None


@dataclass(frozen=True, slots=True)
class _Found:
    value: float
    reading: Reading
    support: float


def comparison(question: str) -> ComparedThings | None:
    """The two things that the question compares by an amount, or None."""
    match = _DIFFERENCE.match(question)
    if match:
        return ComparedThings(match["first"], match["second"], _asked(match), None)
    match = _WHICH.match(question) or _DID.match(question) or _EITHER.match(question)
    if match:
        more = match["word"].casefold() in _UP
        return ComparedThings(match["first"], match["second"], _asked(match), more)
    return None


def compose_comparison(
    things: ComparedThings,
    read: Read,
    confidence: float,
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The thing, or the difference, with a quote for each amount.

    None where an amount is not found, both are the same, or one passage would have to say both of
    the same number.
    """
    first = _amount(things.first, things.second, things, read)
    second = _amount(things.second, things.first, things, read)
    if first is None or second is None or first.value == second.value:
        return None
    citations = CitationList(find_article)
    quoted = [
        citations.cite(one.reading.passage, one.reading.start, one.reading.end)
        for one in (first, second)
    ]
    if quoted[0] is None or quoted[1] is None:
        return None
    if things.more is None:
        answer = f"{abs(first.value - second.value):,g}"
    else:
        answer = things.first if (first.value > second.value) == things.more else things.second
    cited = dict.fromkeys(citation for citation in quoted if citation)
    told = " and ".join(
        f"“{one.reading.text}” [{citation.number}]"
        for one, citation in zip((first, second), quoted, strict=True)
        if citation
    )
    known = min(first.reading.relevance, second.reading.relevance)
    return Draft(
        answer,
        tuple(f"{citation.quote} [{citation.number}]" for citation in cited),
        citations.all(),
        (f"Compared {told}.",),
        max(confidence, 1 / (1 + math.exp(-known))),
    )


def naming(things: ComparedThings, readings: Sequence[Reading]) -> list[Reading]:
    """The readings whose span names one of the things; all where none does, or a number is asked.

    For where the amounts are not found: "Which was longer, A or B?" is answered by A or B.
    """
    if things.more is None:
        return list(readings)
    either = _content_words(f"{things.first} {things.second}")
    named = [
        span
        for reading in readings
        for span in by_span(reading)
        if either & _content_words(span.text)
    ]
    return named or list(readings)


def _asked(match: re.Match[str]) -> str:
    """The opening of the question for one thing's amount; the thing follows."""
    parts = match.groupdict()
    word = match["word"].casefold()
    after = match["after"].strip()
    before = re.sub(r"\b(?:at|by|a|an|the|of)\s*$", "", (parts.get("before") or "").strip()).strip()
    if word in _ASKED_BY and not re.match(r"[a-z]+s\b", after):
        opening = _ASKED_BY[word]
    elif word in ("more", "most", "fewer", "fewest", "less", "least"):
        opening = "How many"
    else:
        opening = "What"
    return " ".join(part for part in (opening, after, before, parts.get("link")) if part)


def _amount(thing: str, other: str, things: ComparedThings, read: Read) -> _Found | None:
    """The best supported number for a thing, from a sentence, or passage, that names it."""
    readings = read(f"{things.asked} {thing}?")
    best = max((reading.relevance for reading in readings), default=0.0)
    own = _content_words(thing) - _content_words(other) or _content_words(thing)
    found: list[_Found] = []
    shares = relevance_shares([reading.passage.score for reading in readings])
    for reading, share in zip(readings, shares, strict=True):
        if reading.relevance >= max(0.0, best - _NEAR_THE_BEST):
            found += _numbers(reading, share, own, _content_words(other) - own, things.asked)
    return max(found, key=lambda one: one.support, default=None)


def _numbers(
    reading: Reading, share: float, own: set[str], others: set[str], asked: str
) -> Sequence[_Found]:
    """The reader's spans that hold an amount, supported the more, the nearer the thing is named."""
    passage = reading.passage
    found = []
    for span in by_span(reading):
        number = next(
            (one for one in amounts(span.text) if not _YEARS[0] <= one.value <= _YEARS[1]), None
        )
        if number is None:
            continue
        start, end = span.start - passage.start, span.end - passage.start
        if asked.startswith("How old") and not _AGE.search(
            passage.text, max(0, start - 8), end + 12
        ):
            continue
        around = enclosing_sentences(passage.text, start, end)
        words = _content_words(passage.text[around.start : around.end])
        named = _share(own, words)
        nearby = _share(own, _content_words(f"{passage.title} {passage.text}"))
        if nearby == 0:
            continue
        mistaken = bool(others) and named < _share(others, words)
        support = (
            span.probability**0.3 * share**0.5 * (1 + named + nearby) * (0.5 if mistaken else 1)
        )
        found.append(_Found(number.value, span, support))
    return found


def _share(wanted: set[str], words: set[str]) -> float:
    return len(wanted & words) / len(wanted) if wanted else 0.0


def _content_words(text: str) -> set[str]:
    """First six letters of the longer words and numbers: "dismissal" meets "dismissed"."""
    return {word[:6] for word in re.findall(r"\w+", text.casefold()) if len(word) > 2}
