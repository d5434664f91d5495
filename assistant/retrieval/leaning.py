"""Whether a question needs the conversation before it to be understood.

In: a question. Out: log-odds. Refuses to know: the turns, the archive.

A logistic regression over words, pairs of words, length and capitals: the names that a question
carries are known by their capitals only, so nothing of the news is in its weights. They are in
leaning.json; `python -m training.leaning_train` learns them again.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import pairwise

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")
_LONGEST, _MOST_NAMES, _SHORT, _YEAR_DIGITS = 16, 4, 4, 4


def leaning(question: str) -> float:
    """Log-odds that the question leans on what was said before it."""
    bias, weights = _model()
    return bias + sum(weights.get(feature, 0.0) for feature in features(question))


def features(question: str) -> set[str]:
    """What is told of a question: its words (but names and numbers by their kind), and its form."""
    words = _TOKEN.findall(question)
    names = sum(word[0].isupper() for word in words[1:])
    found = {
        f"words {min(len(words), _LONGEST)}",
        f"names {min(names, _MOST_NAMES)}",
        f"opens with a {'capital' if words and words[0][0].isupper() else 'small letter'}",
    }
    if len(words) <= _SHORT:
        found.add(f"short, names {min(names, 2)}")
    kinds = ["^", *(_kind(word, first=at == 0) for at, word in enumerate(words)), "$"]
    found |= set(kinds[1:-1])
    found |= {f"{kind} {following}" for kind, following in pairwise(kinds)}
    return found


def _kind(word: str, *, first: bool) -> str:
    if word[0].isdigit():
        return "YEAR" if len(word) == _YEAR_DIGITS else "NUMBER"
    return "NAME" if word[0].isupper() and not first else word.lower().replace("’", "'")


@cache
def _model() -> tuple[float, dict[str, float]]:
    raw = json.loads((files("assistant.retrieval") / "leaning.json").read_text("utf-8"))
    return raw["bias"], raw["weights"]
