"""Questions about the order of two events: "Did A come before or after B?", "Which came first?".

In: a question, a way to find and read passages. Out: a Draft, or None where this is no such
question or the order cannot be told. Refuses to know: indexes, pages.

No single sentence says it, so each event is looked up by itself and dated: by a date in the
sentence that tells of it, else by the day its report was published.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from assistant.answering.citations import CitationList
from assistant.answering.extractive import Draft
from assistant.retrieval.dates import dates_in
from assistant.sentences import sentence_spans
from assistant.types import Article, Passage, Reading

Read = Callable[[str], list[Reading]]

_BEFORE_OR_AFTER = re.compile(
    r"^(?:in \d{4},?\s+)?(?:did|do|does|was|were|is|are|has|have|had)?\s*(?P<first>.+?)\s*,?\s+"
    r"before or after\s+(?P<second>.+?)\W*$",
    re.IGNORECASE,
)
_WHICH_FIRST = re.compile(
    r"^(?:which|what|who)\b.{0,60}?\b(?P<word>first|earlier|later|last)\b.{0,40}?[:,]\s*"
    r"(?P<first>.+?)\s*,?\s+or\s+(?P<second>.+?)\W*$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LATER = frozenset({"later", "last"})


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """Two events; `word` is None for "before or after", else first, earlier, later or last."""

    first: str
    second: str
    word: str | None


@dataclass(frozen=True, slots=True)
class _Event:
    when: date
    passage: Passage
    start: int
    end: int
    relevance: float


def order_question(question: str) -> OrderQuestion | None:
    """The two events that the question wants in order, or None."""
    match = _BEFORE_OR_AFTER.match(question)
    if match:
        return OrderQuestion(match["first"], match["second"], None)
    match = _WHICH_FIRST.match(question)
    if match:
        return OrderQuestion(match["first"], match["second"], match["word"].lower())
    return None


def compose_order(
    asked: OrderQuestion,
    read: Read,
    confidence: float,
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The answer with a quote for each event; None where one is not found or both share a day."""
    first, second = _event(asked.first, read), _event(asked.second, read)
    if first is None or second is None or first.when == second.when:
        return None
    citations = CitationList(find_article)
    quoted = [citations.cite(event.passage, event.start, event.end) for event in (first, second)]
    if quoted[0] is None or quoted[1] is None or quoted[0] == quoted[1]:
        return None
    earlier = first.when < second.when
    if asked.word is None:
        answer = "before" if earlier else "after"
    else:
        answer = asked.first if earlier != (asked.word in _LATER) else asked.second
    sentences = tuple(f"{citation.quote} [{citation.number}]" for citation in quoted if citation)
    days = " and ".join(
        f"[{citation.number}] {event.when.day} {event.when:%B %Y}"
        for citation, event in zip(quoted, (first, second), strict=True)
        if citation
    )
    return Draft(answer, sentences, citations.all(), (f"Dated {days}.",), confidence)


def _event(clause: str, read: Read) -> _Event | None:
    """The event that the clause tells of, in the most relevant passage."""
    readings = [reading for reading in read(clause) if reading.relevance > 0]
    if not readings:
        return None
    best = max(readings, key=lambda reading: reading.relevance)
    passage = best.passage
    words = _content_words(clause)
    spans = sentence_spans(passage.text)
    span = max(
        spans,
        key=lambda s: (len(words & _content_words(passage.text[s.start : s.end])), -s.start),
    )
    when = _date(passage.text[span.start : span.end], passage)
    if when is None:
        return None
    start, end = passage.start + span.start, passage.start + span.end
    return _Event(when, passage, start, end, best.relevance)


def _date(sentence: str, passage: Passage) -> date | None:
    published = passage.published_at.date() if passage.published_at else None
    named = dates_in(sentence, published) if published else []
    if named:
        return named[0]
    years = _YEAR.findall(sentence)
    if years and (published is None or int(years[0]) != published.year):
        return date(int(years[0]), 1, 1)
    return published


def _content_words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 3}
