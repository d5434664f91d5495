"""Comparing words with words: answer normalisation, exact match, F1, and finding a quote in a text.

In: strings. Out: numbers and character spans. Refuses to know: questions, archives, runs.

Exact match and F1 are those of the SQuAD evaluation script v2.0 (Rajpurkar et al. 2018), with
Unicode first: NFKC and case folding instead of `lower`, and every character of the Unicode
punctuation categories removed where the script removes ASCII punctuation. On ASCII the two agree.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from assistant.sentences import Span

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_SAME_SIGN = str.maketrans("‘’‚‛“”„‟«»‐‑‒–—―−", "''''" + '""""""' + "-" * 7)


class _Punctuation(dict[int, str]):
    """A `str.translate` table that drops punctuation, filled in as characters turn up."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        dropped = sign in string.punctuation or unicodedata.category(sign).startswith("P")
        self[code] = "" if dropped else sign
        return self[code]


_PUNCTUATION = _Punctuation()


def normalise(text: str) -> str:
    """Folded, without punctuation and English articles, single spaces: what EM and F1 compare.

    Applying it twice gives the same as applying it once.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = _ARTICLES.sub(" ", folded.translate(_PUNCTUATION))
    return " ".join(bare.split())


def exact_match(prediction: str, answers: Iterable[str]) -> float:
    """1.0 where the normalised prediction equals one of the answers, else 0.0."""
    wanted = normalise(prediction)
    return float(any(normalise(answer) == wanted for answer in answers))


def token_f1(prediction: str, answers: Iterable[str]) -> float:
    """The best token F1 with any of the answers, in [0, 1]; 0 where there are no answers."""
    return max((_f1(prediction, answer) for answer in answers), default=0.0)


def contains(text: str, answers: Iterable[str]) -> float:
    """1.0 where one of the answers stands in `text` as whole words in a row, both normalised."""
    within = f" {normalise(text)} "
    wanted = (normalise(answer) for answer in answers)
    return float(any(answer and f" {answer} " in within for answer in wanted))


def _f1(prediction: str, answer: str) -> float:
    predicted, wanted = normalise(prediction).split(), normalise(answer).split()
    if not predicted or not wanted:
        return float(predicted == wanted)
    shared = sum((Counter(predicted) & Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


class Folded(NamedTuple):
    """A text made comparable: `text[i]` came from the half-open source span `spans[i]`."""

    text: str
    spans: list[Span]


def fold(text: str) -> Folded:
    """`text` without differences that say nothing: composed or decomposed accents, white space,
    shapes of quotation marks and dashes, invisible characters.

    Accents are dropped (so that NFC and NFD agree whatever their order), runs of white space
    become one space, none at either end. Case is kept.
    """
    signs: list[str] = []
    spans: list[Span] = []
    for at, sign in enumerate(text):
        for folded in _folded(sign):
            if folded == " " and (not signs or signs[-1] == " "):
                continue
            signs.append(folded)
            spans.append(Span(at, at + 1))
        if unicodedata.combining(sign) and spans:
            spans[-1] = Span(spans[-1].start, at + 1)
    if signs and signs[-1] == " ":
        signs.pop()
        spans.pop()
    return Folded("".join(signs), spans)


def find_quote(text: str, quote: str) -> tuple[Span, ...]:
    """Every place of `quote` in `text`, in order, as spans of `text`; () where it is not there.

    A quote that is not there to the letter is looked for in the folded text.
    """
    if not quote.strip():
        return ()
    exact = _occurrences(text, quote)
    if exact:
        return tuple(Span(at, at + len(quote)) for at in exact)
    within, wanted = fold(text), fold(quote).text
    if not wanted:
        return ()
    last = len(wanted) - 1
    return tuple(
        Span(within.spans[at].start, within.spans[at + last].end)
        for at in _occurrences(within.text, wanted)
    )


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two half-open spans share at least one character."""
    return max(one[0], other[0]) < min(one[1], other[1])


_FOLDED: dict[str, str] = {}


def _folded(sign: str) -> str:
    """What one character becomes: nothing, one or several characters; any white space is " "."""
    known = _FOLDED.get(sign)
    if known is None:
        plain = unicodedata.normalize("NFKD", sign.translate(_SAME_SIGN)).translate(_SAME_SIGN)
        kept = (one for one in plain if unicodedata.category(one) not in ("Mn", "Cf"))
        known = _FOLDED[sign] = "".join(" " if one.isspace() else one for one in kept)
    return known


def _occurrences(text: str, wanted: str) -> list[int]:
    """Where `wanted` starts in `text`, overlaps left out."""
    return [match.start() for match in re.finditer(re.escape(wanted), text)]
