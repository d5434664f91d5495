"""All the names that a question asks for: "which two actors …" wants both of "A and B".

In: a question; a Reading. Out: how many are wanted; the Reading with its span widened to the whole
list around it. Refuses to know: models, indexes, wording of answers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.sentences import enclosing_sentences
from assistant.types import Reading

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}
_ASKS = re.compile(
    rf"\b(?:which|what|name|who\s+(?:are|were)\s+the|name\s+the)\s+(?P<number>{'|'.join(_NUMBERS)})\b",
    re.IGNORECASE,
)
_CAPITAL = r"[^\W\d_a-zß-ÿ][\w'’.-]*"
# What begins a sentence with a capital and is no part of a name.
_OPENING = r"(?!(?:So|But|And|Then|When|While|After|Before|Both|If|In|On|At|As|For|With)\b)"
_NAME = rf"\b{_OPENING}(?:the\s+)?{_CAPITAL}(?:\s+(?:(?:of|the|de|al|bin|van|von)\s+)?{_CAPITAL})*"
_BETWEEN = r"(?:,?\s+(?:and|&)\s+|,\s+)"
# "Ada Fry, Zug's mayor" is no list: before the last name there is an "and".
_LIST = re.compile(rf"{_NAME}(?:{_BETWEEN}{_NAME})*?,?\s+(?:and|&)\s+{_NAME}")
_SEPARATOR = re.compile(_BETWEEN)


def names_wanted(question: str) -> int | None:
    """How many things the question wants named, two to five; None where it does not say."""
    match = _ASKS.search(question)
    return _NUMBERS[match["number"].casefold()] if match else None


def whole_list(reading: Reading, wanted: int) -> Reading:
    """The reading with its span widened to the list of names that it stands in, where that has as
    many as are wanted; as it is otherwise.
    """
    text, at = reading.passage.text, reading.passage.start
    start, end = reading.start - at, reading.end - at
    sentence = enclosing_sentences(text, start, end)
    for match in _LIST.finditer(text, sentence.start, sentence.end):
        if match.start() >= end or match.end() <= start:
            continue
        borders = [border.start() for border in _SEPARATOR.finditer(text, *match.span())]
        if len(borders) + 1 == wanted:
            # The reader leaves out a title before the first name: "Senators A and B".
            first = start if match.start() <= start < borders[0] else match.start()
            last = max(end, match.end())
            return replace(reading, text=text[first:last], start=at + first, end=at + last)
    return reading
