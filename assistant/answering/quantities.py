"""Amounts as news writes them: "1,250", "$3.4 million", "twenty-one", "a dozen".

In: text. Out: numbers with their places. Refuses to know: units, questions, passages.
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
    "trillion": 1e12,
}  # fmt: skip
_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)|"
    rf"(?P<words>(?:{'|'.join(_TENS)})(?:[-\s](?:{_ONE}))?|{_ONE})|an?(?=\s+(?:{'|'.join(_SCALES)})\b))"
    rf"(?P<scales>(?:[-\s]+(?:{'|'.join(_SCALES)})\b)*)(?![\w]|[.,]\d)",
    re.IGNORECASE,
)


class Amount(NamedTuple):
    """A number, `text[start:end]` says it."""

    value: float
    start: int
    end: int


def amounts(text: str) -> Iterator[Amount]:
    """The amounts in a text, in order. Ordinals and what is glued to letters are none."""
    for match in _AMOUNT.finditer(text):
        if match["digits"]:
            value = float(match["digits"].replace(",", ""))
        elif match["words"]:
            parts = re.split(r"[-\s]", match["words"].casefold())
            value = float(sum(_ONES.get(part, _TENS.get(part, 0)) for part in parts))
        else:
            value = 1.0
        for scale in re.split(r"[-\s]+", match["scales"].casefold().strip("- ")):
            value *= _SCALES.get(scale, 1.0)
        yield Amount(value, *match.span())
