"""Amounts as news writes them: "1,250", "$3.4 million", "£20m", "twenty-one", "a dozen".

In: text. Out: numbers with their units and places. Refuses to know: questions, passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_ONES = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2
    )
}
_SCALES = {
    "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9,
    "trillion": 1e12, "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12,
}  # fmt: skip
# In days, metres and kilograms, so that "16 days" and "three weeks" compare.
_MEASURES = {
    "second": ("time", 1 / 86_400), "minute": ("time", 1 / 1_440), "hour": ("time", 1 / 24),
    "day": ("time", 1.0), "week": ("time", 7.0), "month": ("time", 30.4), "year": ("time", 365.25),
    "foot": ("length", 0.3048), "feet": ("length", 0.3048), "metre": ("length", 1.0),
    "meter": ("length", 1.0), "mile": ("length", 1609.3), "km": ("length", 1000.0),
    "kilometre": ("length", 1000.0), "kilometer": ("length", 1000.0), "kg": ("weight", 1.0),
    "pound": ("weight", 0.4536), "ton": ("weight", 1000.0), "tonne": ("weight", 1000.0),
}  # fmt: skip
_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_LONG = "|".join(name for name in _SCALES if len(name) > 3)
# As newspapers write them, in full or short ("Sept. 11").
MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
_AMOUNT = re.compile(
    r"(?<![\w.,/:])(?<!\w-)(?P<sign>[-−]|minus\s+)?(?P<currency>[$€£¥])?"
    r"(?:(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)|"
    rf"(?P<words>(?:{'|'.join(_TENS)})(?:[-\s](?:{_ONE}))?|(?:{_ONE}))\b|"
    rf"an?(?=\s+(?:{_LONG})\b))"
    rf"(?P<scales>(?:[-\s]+(?:{_LONG})\b)*|\s?(?:k|mn|bn|tn|(?<=\d)[mb])(?![\w]))"
    r"(?![\w]|[.,]\d|[/:]\d|[-\s](?:third|quarter|half|halve|fifth)s?\b|\s+and\s+a\s+half\b)",
    re.IGNORECASE,
)
# Days of a month, labels, and what is no count.
_LABELLED = re.compile(
    rf"\b(?:{MONTHS}|No|no|Number|Section|Branch|Route|Flight|half an?|half)\.?\s+$"
)
_DAY = re.compile(rf"\s+(?:{MONTHS})\b")
_UNIT = re.compile(r"[-\s]?(?:(?P<percent>%|per\s?cent\b)|(?P<measure>[a-z]+)\b)", re.IGNORECASE)


class Amount(NamedTuple):
    """A number as it is written, `text[start:end]`, and its value in its unit.

    `unit` is "%", a currency's sign, "time" (value in days), "length" (metres), "weight"
    (kilograms), or "" for all else.
    """

    number: float
    value: float
    unit: str
    start: int
    end: int


def amounts(text: str, start: int = 0, end: int | None = None) -> Iterator[Amount]:
    """The amounts that lie in `text[start:end]`, in order.

    Ordinals, fractions, dates, labels ("No. 1") and what is glued to letters are none.
    """
    stop = len(text) if end is None else end
    for match in _AMOUNT.finditer(text, max(0, start - 1)):
        if match.start() >= stop:
            return
        before = text[max(0, match.start() - 12) : match.start()]
        if match.end() <= start or _LABELLED.search(before) or _DAY.match(text, match.end()):
            continue
        number = _number(match)
        unit, size = _unit(match, text)
        yield Amount(number, number * size, unit, *match.span())


def _number(match: re.Match[str]) -> float:
    if match["digits"]:
        value = float(match["digits"].replace(",", ""))
    elif match["words"]:
        parts = re.split(r"[-\s]", match["words"].casefold())
        value = float(sum(_ONES.get(part, _TENS.get(part, 0)) for part in parts))
    else:
        value = 1.0
    for scale in re.split(r"[-\s]+", match["scales"].casefold().strip("- ")):
        value *= _SCALES.get(scale, 1.0)
    return -value if match["sign"] else value


def _unit(match: re.Match[str], text: str) -> tuple[str, float]:
    if match["currency"]:
        return match["currency"], 1.0
    unit = _UNIT.match(text, match.end())
    if unit is None:
        return "", 1.0
    if unit["percent"]:
        return "%", 1.0
    return _MEASURES.get(unit["measure"].casefold().removesuffix("s"), ("", 1.0))
