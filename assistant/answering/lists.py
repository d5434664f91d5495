"""All the names that a question asks for: "which two actors …" wants both of "A and B".

In: a question; a Reading. Out: how many are wanted; the Reading with its span widened to the whole
list around it. Refuses to know: models, indexes, wording of answers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.retrieval.conversation import CAPITAL
from assistant.sentences import enclosing_sentences
from assistant.types import Reading

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}
# "Which two-time champion" and "Which Five Guys restaurant" want one.
_ASKS = re.compile(
    rf"\b(?:which|what|name(?:\s+the)?|who\s+(?:are|were)\s+the)\s+(?P<number>{'|'.join(_NUMBERS)})\b"
    r"(?![-'’]|\s+(?-i:[A-Z]))",
    re.IGNORECASE,
)
_WORD = rf"{CAPITAL}[\w'’.-]*"
_PARTICLES = r"(?:(?:of|the|de|la|del|der|den|du|da|dos|ter|al|bin|van|von)\s+){0,2}"
# What begins a sentence with a capital and is no part of a name.
_OPENING = (
    r"(?!(?:So|But|And|Then|When|While|After|Before|Both|If|In|On|At|As|For|With|Last|Later|Earlier|"
    r"Yesterday|Today|Meanwhile|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b)"
)
_NAME = rf"\b{_OPENING}(?:the\s+)?{_WORD}(?:\s+(?:{_PARTICLES}{_WORD}|\d+\b))*"
_BETWEEN = r"(?:,?\s+and\s+|,\s+)"
# "Ada Fry, Zug's mayor" is no list: before the last name there is an "and". After the list come
# neither a further name nor one that the last word only describes ("Zug mayor Bo Kay").
_LIST = re.compile(
    rf"{_NAME}(?:{_BETWEEN}{_NAME})*?,?\s+and\s+{_NAME}(?<!['’]s)"
    rf"(?!\w|['’]|,?\s+and\s+{_WORD}|\s+[a-z]+\s+{_WORD})"
)
# "Department of Health and Human Services" is one name.
_BODY = re.compile(r"\b(?:Department|Ministry|Centers|Bureau|Office|Committee|Commission)\b")
# What is longer is no sentence, and would take the patterns long.
_LONGEST_CHARS = 1000
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
    if sentence.end - sentence.start > _LONGEST_CHARS:
        return reading
    for match in _LIST.finditer(text, sentence.start, sentence.end):
        if match.start() > start or match.end() < end or _BODY.search(match[0]):
            continue
        borders = [border.start() for border in _SEPARATOR.finditer(text, *match.span())]
        if len(borders) + 1 == wanted:
            # The reader leaves out a title before the first name: "Senators A and B".
            first = start if start < borders[0] else match.start()
            return replace(
                reading, text=text[first : match.end()], start=at + first, end=at + match.end()
            )
    return reading
