"""Questions about the order of two events: "Did A come before or after B?", "Which came first?".

In: a question, a way to find and read passages. Out: a Draft, or None where this is no such
question or the order cannot be told. Refuses to know: indexes, pages.

No single sentence says it, so each event is looked up by itself and dated: by a date in the
sentence that tells of it, else by the day its report was published.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.answering.citations import CitationList
from assistant.answering.extractive import Draft
from assistant.retrieval.dates import dates_in
from assistant.sentences import Span, sentence_spans
from assistant.types import Article, Passage, Read, Reading

_BEFORE_OR_AFTER = re.compile(
    r"^(?:in \d{4},?\s+)?(?:did|do|does|was|were|is|are|has|have|had)?\s*(?P<first>.+?)\s*,?\s+"
    r"before or after\s+(?P<second>.+?)\W*$",
    re.IGNORECASE,
)
_WHICH_FIRST = re.compile(
    r"^(?:which|what|who)\b(?P<frame>.{0,60}?)\b(?P<word>first|earlier|later|last)\b.{0,40}?[:,]\s*"
    r"(?P<first>.+?)\s*,?\s+or\s+(?P<second>.+?)\W*$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ANNOUNCED_AHEAD = timedelta(days=60)
_LATER = frozenset({"later", "last"})
_NEAR_THE_BEST = 2.0


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """Two events; `word` is None for "before or after", else first, earlier, later or last.

    `frame` is what is asked of both ("entered NATO"), for events that are named by a bare name.
    """

    first: str
    second: str
    word: str | None
    frame: str = ""


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
        frame = match["frame"].strip()
        return OrderQuestion(match["first"], match["second"], match["word"].lower(), frame)
    return None


def compose_order(
    asked: OrderQuestion,
    read: Read,
    confidence: float,
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The answer with a quote for each event; None where one is not found or both share a day."""
    first = _event(f"{asked.first} {asked.frame}".strip(), read)
    second = _event(f"{asked.second} {asked.frame}".strip(), read)
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
    days = tuple(
        f"Dated {event.when.day} {event.when:%B %Y} [{citation.number}]."
        for citation, event in zip(quoted, (first, second), strict=True)
        if citation
    )
    found = 1 / (1 + math.exp(-min(first.relevance, second.relevance)))
    return Draft(answer, sentences, citations.all(), days, max(confidence, found))


def _event(clause: str, read: Read) -> _Event | None:
    """The event that the clause tells of: the sentence with most of its words, in a passage that
    the reader finds relevant.
    """
    readings = read(clause)
    best = max((reading.relevance for reading in readings), default=0.0)
    words = _content_words(clause)
    found: tuple[float, Reading, Span] | None = None
    for reading in readings:
        if reading.relevance < max(0.0, best - _NEAR_THE_BEST):
            continue
        text = reading.passage.text
        for span in sentence_spans(text):
            shared = len(words & _content_words(text[span.start : span.end]))
            # A word of the clause weighs about as much as a point of relevance.
            if found is None or shared + reading.relevance > found[0]:
                found = (shared + reading.relevance, reading, span)
    if found is None:
        return None
    _, reading, span = found
    passage = reading.passage
    when = _date(passage.text[span.start : span.end], passage)
    if when is None:
        return None
    start, end = passage.start + span.start, passage.start + span.end
    return _Event(when, passage, start, end, reading.relevance)


def _date(sentence: str, passage: Passage) -> date | None:
    published = passage.published_at.date() if passage.published_at else None
    # "will be held on June 5" is written before that day.
    named = dates_in(sentence, published + _ANNOUNCED_AHEAD) if published else []
    if named:
        return named[0]
    years = _YEAR.findall(sentence)
    if years and (published is None or int(years[0]) != published.year):
        return date(int(years[0]), 1, 1)
    return published


def _content_words(text: str) -> set[str]:
    """First six letters of the longer words: "dismissal" meets "dismissed"."""
    return {word[:6] for word in re.findall(r"\w+", text.casefold()) if len(word) > 3}
