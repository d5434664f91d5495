"""Answer which of two things has the greater amount, or by how much.

In: what is compared, a way to find and read passages. Out: a Draft, or None where an amount is not
found or the two do not compare. Refuses to know: indexes, pages.

Seldom one sentence says both, so each amount is looked up by itself, and both are quoted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.citations import CitationList
from assistant.answering.comparisons import ComparedThings
from assistant.answering.extractive import Draft, by_span, relevance_shares, span_support
from assistant.answering.quantities import Amount, amounts
from assistant.sentences import Span, enclosing_sentences
from assistant.types import Article, Read, Reading

# "Dugan, 65," or "aged 65" or "65-year-old"; "Branch 31" is no age.
_AGED = re.compile(r"(?:,\s|\(|\bage[ds]?(?:\sof)?\s|\bturn(?:s|ed)\s|\bis\s)$")
_AFTER_AGE = re.compile(r"$|[,.)]|\s+(?:and|while)\b")
_YEARS_OLD = re.compile(r"^[-\s]years?[-\s]olds?\b")
_YEAR = re.compile(r"(?:19|20)\d\d")
# A few words that may say what a number counts: "53,600 federal civilian employees".
_COUNTED = re.compile(r"(?:[-\s]+[^\W\d_]+){1,3}")
_NOUN = re.compile(
    r"[-\s]+(?!(?:of|in|from|to|at|on|by|for|with|and|or|as|since|this|that|last|per|the|were|was|had|have|"
    r"did|after|before)\b)[^\W\d_]+"
)
# "12,000 of its 180,000 workers", "a region of four million": a whole, not the amount.
_WHOLE = re.compile(r"\b(?:of|among|from)\s+(?:(?:the|its|their|his|her|all|about|some)\s+)?$")
# "20 fewer than Ohio", "16 times as many" say nothing by themselves.
_RELATIVE = re.compile(
    r"[-\s]*(?:(?:\w+|%)\s+)?(?:more|fewer|less|higher|lower|older|younger|longer|shorter|ahead|behind|"
    r"times|fold)\b"
)
_PARTS = re.compile(
    r"[;:]|,(?!\d)|\b(?:and|while|whereas|but|against|versus|"
    r"(?<!more )(?<!less )(?<!fewer )than)\b|compared (?:to|with)"
)
_MEASURED = frozenset({"time", "length", "weight"})
_UNIT_WORD = re.compile(r"[-\s]?([^\W\d_]+)")
_UNBENT = frozenset("feet foot km kg".split())
_NEAR_THE_BEST = 2.0
# What an amount beside the reader's span, in its sentence, counts for.
_BESIDE = 0.5
_NO_NAMES = frozenset("the and for was were his her its their with from that this".split())


@dataclass(frozen=True, slots=True)
class _Found:
    """An amount of one thing; `sure` is how probable it is that the passages answer."""

    amount: Amount
    reading: Reading
    support: float
    sure: float


def compose_comparison(
    things: ComparedThings,
    read: Read,
    answerability: Callable[[Sequence[Reading]], float],
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The thing, or the difference, with a quote for each amount.

    None where an amount is not found, both are the same or of different units, or the difference
    goes the other way.
    """
    first = _amount(things.first, things.second, things, read, answerability)
    second = _amount(things.second, things.first, things, read, answerability)
    if first is None or second is None:
        return None
    over = _older(first, second) if things.of_age else _over(first.amount, second.amount)
    if not over or (things.difference and (over > 0) != things.more):
        return None
    citations = CitationList(find_article)
    quoted = []
    for found in (first, second):
        citation = citations.cite(found.reading.passage, found.reading.start, found.reading.end)
        if citation is None:
            return None
        quoted.append(citation)
    if things.difference:
        answer = f"{abs(over):,.15g}" if things.of_age else _difference(first, second)
        if answer is None:
            return None
    else:
        answer = things.first if (over > 0) == things.more else things.second
    sentences, notes = [], []
    for citation in citations.all():
        told = " and ".join(
            f"“{found.reading.text}”"
            for found, own in zip((first, second), quoted, strict=True)
            if own == citation
        )
        sentences.append(f"{citation.quote} [{citation.number}]")
        notes.append(f"Compared: {told} [{citation.number}].")
    sure = min(first.sure, second.sure)
    return Draft(answer, tuple(sentences), citations.all(), tuple(notes), sure)


def naming(things: ComparedThings, readings: Sequence[Reading]) -> list[Reading]:
    """The readings whose span names one of the things; all where none does.

    For where the amounts are not found: "Which was longer, A or B?" is answered by A or B.
    """
    either = _names(f"{things.first} {things.second}")
    named = [
        span for reading in readings for span in by_span(reading) if either & _names(span.text)
    ]
    return named or list(readings)


def _over(first: Amount, second: Amount) -> float:
    """By how much the first amount exceeds the second; 0 where their units differ."""
    if first.unit != second.unit:
        return 0.0
    return first.value - second.value


def _difference(first: _Found, second: _Found) -> str | None:
    """By how much the amounts differ, in the unit they are written in; None where each is written
    in another ("16 days", "three weeks").
    """
    one, other = first.amount, second.amount
    over = f"{abs(one.number - other.number):,.15g}"
    if one.unit in _MEASURED:
        if not math.isclose(one.value * other.number, other.value * one.number):
            return None
        passage = first.reading.passage
        unit = _UNIT_WORD.match(passage.text, one.end)
        word = unit[1].removesuffix("s") if unit else ""
        return f"{over} {word}" if over == "1" or word in _UNBENT else f"{over} {word}s"
    if one.unit == "%":
        return f"{over} percentage point{'' if over == '1' else 's'}"
    return f"{one.unit}{over}"


def _older(first: _Found, second: _Found) -> float:
    """By how many years the first is older: ages count from the year they were reported in."""
    over = first.amount.number - second.amount.number
    one, other = first.reading.passage, second.reading.passage
    if one.article_id == other.article_id:
        return over
    if one.published_at is None or other.published_at is None:
        return 0.0
    return over - (one.published_at.year - other.published_at.year)


def _amount(
    thing: str,
    other: str,
    things: ComparedThings,
    read: Read,
    answerability: Callable[[Sequence[Reading]], float],
) -> _Found | None:
    """The best supported amount of a thing, from passages that name it."""
    readings = read(things.question(thing))
    best = max((reading.relevance for reading in readings), default=0.0)
    own = _names(thing) - _names(other) or _names(thing)
    others = _names(other) - own
    shares = relevance_shares([reading.passage.score for reading in readings])
    sure = answerability(readings)
    counted = _names(things.asked.removeprefix("How many")) if things.counts else set()
    found = [
        _Found(amount, span, _support(span, share, own, others, amount) * fits, sure)
        for reading, share in zip(readings, shares, strict=True)
        if reading.relevance >= max(0.0, best - _NEAR_THE_BEST)
        for span, amount, fits in _told(reading, counted, ages=things.of_age)
    ]
    told = max(found, key=lambda one: one.support, default=None)
    return told if told and told.support > 0 else None


def _told(
    reading: Reading, counted: set[str], *, ages: bool
) -> Iterator[tuple[Reading, Amount, float]]:
    """The amounts in the sentences of the reader's spans, and how well each fits.

    The first one in the span fits 1, any other one half; "nine states" fits four times as well
    where states are `counted`. A span with any other number in it gives way to the amount alone.
    """
    passage = reading.passage
    for span in by_span(reading):
        start, end = span.start - passage.start, span.end - passage.start
        sentence = enclosing_sentences(passage.text, start, end)
        within = list(amounts(passage.text, start, end))
        first = within[0] if within else None
        bare = first is not None and not _NOUN.match(passage.text, first.end, sentence.end)
        for amount in amounts(passage.text, sentence.start, sentence.end):
            beside = amount != first
            if beside and _WHOLE.search(passage.text, sentence.start, amount.start):
                continue
            if not _says_something(passage.text, amount, sentence.end, ages=ages):
                continue
            fits = _BESIDE if beside else 1.0
            unit = _COUNTED.match(passage.text, amount.end, sentence.end)
            # Where the span's number has no noun of its own, another's proves nothing.
            if unit and counted & _names(unit[0]) and not (beside and bare):
                fits *= 2 * (1 + len(counted & _names(unit[0])))
            yield span if within == [amount] else _narrowed(span, amount), amount, fits


def _narrowed(span: Reading, amount: Amount) -> Reading:
    """The reading with the amount alone as its span."""
    passage = span.passage
    start, end = passage.start + amount.start, passage.start + amount.end
    return replace(span, text=passage.text[amount.start : amount.end], start=start, end=end)


def _says_something(text: str, amount: Amount, end: int, *, ages: bool) -> bool:
    """Whether the number is no year and no difference, and an age where `ages` are wanted."""
    if _RELATIVE.match(text, amount.end, end) or _YEAR.fullmatch(text[amount.start : amount.end]):
        return False
    return not ages or _is_age(text, amount)


def _is_age(text: str, amount: Amount) -> bool:
    after = text[amount.end : amount.end + 12]
    before = text[max(0, amount.start - 8) : amount.start]
    aged = _AGED.search(before) and _AFTER_AGE.match(after)
    return bool(aged or _YEARS_OLD.match(after))


def _support(span: Reading, share: float, own: set[str], others: set[str], amount: Amount) -> float:
    """How much speaks for an amount being the thing's: 0 where the passage never names it.

    In "Harlow drew 1,200, Pell 900" the part of the sentence decides whose amount it is.
    """
    passage = span.passage
    sentence = enclosing_sentences(passage.text, amount.start, amount.end)
    words = _names(passage.text[sentence.start : sentence.end])
    part = _names(_part(passage.text, sentence, amount))
    told_apart = bool(part & (own | others))
    if told_apart:
        words = part
    named, mistaken = _share(own, words), _share(others, words)
    nearby = _share(own, _names(f"{passage.title} {passage.text}"))
    support = span_support(span, share) * nearby * (1 + named)
    return support * ((0.2 if told_apart else 0.5) if mistaken > named else 1.0)


def _part(text: str, sentence: Span, amount: Amount) -> str:
    """The part of the sentence, between commas and conjunctions, that holds the amount."""
    borders = [match.span() for match in _PARTS.finditer(text, sentence.start, sentence.end)]
    start = max((end for _, end in borders if end <= amount.start), default=sentence.start)
    stop = min((begin for begin, _ in borders if begin >= amount.end), default=sentence.end)
    return text[start:stop]


def _share(wanted: set[str], words: set[str]) -> float:
    return len(wanted & words) / len(wanted) if wanted else 0.0


def _names(text: str) -> set[str]:
    """First six letters of the words that can name a thing: "dismissal" meets "dismissed"."""
    words = re.findall(r"\w+", text)
    return {
        word.casefold()[:6]
        for word in words
        if (len(word) > 2 and word.casefold() not in _NO_NAMES) or (word.isupper() and word != "A")
    }
