"""What somebody said about something: the whole statement instead of a few words of it.

In: a question; a Reading. Out: the Reading with its short span widened to the statement around it.
Refuses to know: models, indexes, wording of answers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.sentences import enclosing_sentences
from assistant.types import Reading

# "What did Reed say about the strike?", not "What did Reed say caused the strike?"
_ASKS = re.compile(
    r"^(?:.{3,80}?,\s+)?what\s+(?:did|does|do|has|have|had)\s+[^?]{2,100}?\s"
    r"(?:tell(?:\s+[\w.'’]+){1,5}?|(?:say|claim|argue|reply|respond|quip|joke|post|insist)"
    r"(?:\s+(?:to|in|on)(?:\s+[\w.'’]+){1,4}?)?)"
    r"\s*(?:\?|\b(?:about|of|on|regarding|when|after|before|while|as|during|in response)\b)",
    re.IGNORECASE,
)
_SHORT_WORDS = 6
_MARKS = (("“", "”"), ('"', '"'))
# The words that lead into reported speech.
_LEAD = re.compile(
    r"\b(?:said|says|told\s+[^,“\"]{2,60}?|added|wrote|posted|argued|claimed|insisted|joked)\s+"
    r"(?:that\s+)?(?=[^\s“\"])"
)


def asks_for_statement(question: str) -> bool:
    """Whether the question wants what somebody said of something."""
    return bool(_ASKS.match(question))


def whole_statement(reading: Reading) -> Reading:
    """The reading with a span of a few words widened to its quotation within the sentence, or to
    what follows "said"; as it is where it stands in neither.
    """
    if len(reading.text.split()) > _SHORT_WORDS:
        return reading
    text, at = reading.passage.text, reading.passage.start
    start, end = reading.start - at, reading.end - at
    sentence = enclosing_sentences(text, start, end)
    inside = _quotation(text, start, end, sentence.start, sentence.end) or _reported(
        text, start, sentence.start, sentence.end
    )
    if inside is None or inside[1] < end:
        return reading
    start, end = inside
    return replace(reading, text=text[start:end], start=at + start, end=at + end)


def _quotation(text: str, start: int, end: int, first: int, last: int) -> tuple[int, int] | None:
    """The quotation around [start, end) within the sentence [first, last), without its marks."""
    for opening, closing in _MARKS:
        before = text[first:start]
        if opening == closing:
            opened = before.rfind(opening) if before.count(opening) % 2 else -1
        else:
            opened = before.rfind(opening) if before.rfind(opening) > before.rfind(closing) else -1
        if opened >= 0:
            closed = text.find(closing, end, last)
            return first + opened + 1, closed if closed >= 0 else last
    return None


def _reported(text: str, start: int, first: int, last: int) -> tuple[int, int] | None:
    """What follows the last "said" before `start`, to the end of the sentence."""
    leads = list(_LEAD.finditer(text, first, start))
    return (leads[-1].end(), last) if leads else None
