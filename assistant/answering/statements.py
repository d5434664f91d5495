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
_PERSONS = r"(?:\s+(?!(?:he|she|they|it|to|that|was|were|had)\b)[\w.'’]+){1,5}?"
_ASKS = re.compile(
    r"^(?:and\s+|so\s+)?(?:.{3,80}?,\s+)?what\s+(?:else\s+|exactly\s+)?"
    r"(?:(?:did|does|do)\s+[^?]{2,100}?\s"
    rf"(?:tell{_PERSONS}|(?:say|reply|respond|quip|joke)(?:\s+(?:to|on|in){_PERSONS})?|"
    r"(?:claim|argue|post)(?=\s*(?:\?|$|about|of)))|"
    rf"(?:has|have|had)\s+[^?]{{2,100}}?\s(?:told{_PERSONS}|said))"
    r"\s*(?:\?|$|\b(?:about|of|regarding|concerning|when|after|before|in response)\b"
    r"(?!\s+(?:how many|how much|when|where)\b))",
    re.IGNORECASE,
)
_NOT_SAID = re.compile(r"\b(?:refus|declin)\w*\s+to\s+\w+\b", re.IGNORECASE)
_SHORT_WORDS = 6
# Longer ones are no sentence any more, and a citation would not quote them whole.
_LONGEST_CHARS = 300
# A straight mark opens where a word follows and no sentence ends before it.
_OPENING = re.compile(r'“|(?<![\w.,!?…])"(?=\S)')
# The words that lead into reported speech.
_LEAD = re.compile(
    r"(?<!who )\b(?:said|says|told\s+(?:(?:the|a|an|his|her|its|their)\s+)?[\w.'’-]+"
    r"(?:\s+[A-Z][\w.'’-]*)*|added|wrote|posted|argued|claimed|insisted|joked)\s+"
    r"(?:on\s+\w+day\s+)?(?:that\s+)?(?=[^\s“\"])"
    # "said Kay in June" names the speaker.
    r"(?!(?:[A-Z][\w.'’-]*\s+)*[A-Z][\w.'’-]*(?:,|\s+(?:in|of|on|at|to|after|about)\b))"
)


def asks_for_statement(question: str) -> bool:
    """Whether the question wants what somebody said of something."""
    return bool(_ASKS.match(question)) and not _NOT_SAID.search(question)


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
    if inside is None or inside[1] < end or inside[1] - inside[0] > _LONGEST_CHARS:
        return reading
    start, end = inside
    return replace(reading, text=text[start:end], start=at + start, end=at + end)


def _quotation(text: str, start: int, end: int, first: int, last: int) -> tuple[int, int] | None:
    """The quotation around [start, end) within the sentence [first, last), without its marks.

    One that opens with a curly mark often ends in a straight one.
    """
    opened = list(_OPENING.finditer(text, first, start))
    if not opened:
        return None
    mark = opened[-1]
    closing = "”" if mark[0] == "“" and "”" in text[mark.end() : last] else '"'
    if closing in text[mark.end() : start]:
        return None
    closed = text.find(closing, end, last)
    return mark.end(), closed if closed >= 0 else last


def _reported(text: str, start: int, first: int, last: int) -> tuple[int, int] | None:
    """What follows the last "said" before `start`, to the end of the sentence."""
    leads = list(_LEAD.finditer(text, first, start + 1))
    return (leads[-1].end(), last) if leads else None
