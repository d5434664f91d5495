"""Whether a question needs the conversation before it to be understood.

In: a question. Out: log-odds. Refuses to know: the turns, the archive.

A logistic regression over words, pairs of words, length, names and pronouns. A name is known by its
capital, so that it weighs the same whoever it is; without capitals it is a word like others.
The weights are in leaning.json; `python -m training.leaning_train` learns them again.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import pairwise

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")
_PRONOUNS = frozenset("he she it they him her them his hers its their theirs".split())
_LONGEST, _MOST_NAMES, _SHORT, _NAME_ALONE, _YEAR_DIGITS = 16, 4, 4, 3, 4


def leaning(question: str) -> float:
    """Log-odds that the question leans on what was said before it, were both as frequent."""
    bias, weights = _model()
    return bias + sum(weights.get(feature, 0.0) for feature in features(question))


def features(question: str) -> set[str]:
    """What is told of a question: its words (names and numbers by their kind), and its form."""
    words = _TOKEN.findall(question)
    if all(word[0].isupper() or not word[0].isalpha() for word in words):
        # Capitals everywhere mark no names, but for a name alone ("Bronx Harbour?").
        words = [word.lower() for word in words] if len(words) > _NAME_ALONE else words
    names = [at for at, word in enumerate(words) if at and word[0].isupper()]
    pronouns = [at for at, word in enumerate(words) if word.lower() in _PRONOUNS]
    found = {
        f"words {min(len(words), _LONGEST)}",
        f"names {min(len(names), _MOST_NAMES)}",
        f"opens with a {'capital' if words and words[0][0].isupper() else 'small letter'}",
    }
    if len(words) <= _SHORT:
        found.add(f"short, names {min(len(names), 2)}")
    if pronouns and (not names or pronouns[0] < names[0]):
        found.add("pronoun before any name")
    elif pronouns:
        found.add("pronoun after a name")
    kinds = ["^", *(_kind(word, first=at == 0) for at, word in enumerate(words)), "$"]
    found |= set(kinds[1:-1])
    found |= {f"{kind} {following}" for kind, following in pairwise(kinds)}
    return found


def _kind(word: str, *, first: bool) -> str:
    if word[0].isdigit():
        return "YEAR" if word.isdigit() and len(word) == _YEAR_DIGITS else "NUMBER"
    return "NAME" if word[0].isupper() and not first else word.lower().replace("’", "'")


@cache
def _model() -> tuple[float, dict[str, float]]:
    raw = json.loads((files("assistant.retrieval") / "leaning.json").read_text("utf-8"))
    return raw["bias"], raw["weights"]
