"""What a sentence claims, as far as words tell: its content words, in order, folded.

In: a text. Out: Claims. Refuses to know: passages, language models, what is true.
Written for English news. In a script without spaces a whole run counts as one word, so that only a
sentence taken over as it stands is ever found in its source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_](?:\w|'(?=\w))*|[$€£¥%°]")
_SIGNED = re.compile(r"(?<![\w-])-(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_QUOTED = re.compile(r'"([^"]*)"')
_FOLDED = str.maketrans("“”„‟«»‘’‚‛′‐‑‒–—−", '""""""\'\'\'\'\'------')
# They join words and claim nothing by themselves; prepositions that decide who did what to whom
# (against, before, without) and words of degree (only, most) are not among them.
_EMPTY = frozenset(
    "a an the this that these those it its he she they them him her his hers their theirs who whom "
    "whose which what when where as of in on at to for from by with into about and or but so also "
    "is are was were be been being am has have had having do does did there here than then while "
    "i we you our your us me my said say says saying told tell tells according report reports "
    "reported s".split()
)
# A claim without such a word is another claim than the same with it.
_POLAR = frozenset(
    "not no never none nobody nothing neither nor without deny refuse reject fail false falsely "
    "allege alleged allegedly claim may might could would should will if unless whether unlikely "
    "likely hardly barely doubt propose expect".split()
)
_PRONOUNS = frozenset("he she they it his her their its him them".split())
_DIGITS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), 2
    )
}
_SUFFIXES = (
    ("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ying", "y"), ("ing", ""), ("ed", ""), ("es", ""),
    ("s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3


class Word(NamedTuple):
    """One content word: folded and stemmed; `name` where it is written with a capital letter."""

    stem: str
    name: bool
    number: bool


class Claims(NamedTuple):
    """`words` in order; `polar` are the words that turn a claim round or weaken it."""

    words: tuple[Word, ...]
    stems: frozenset[str]
    polar: frozenset[str]
    pronouns: frozenset[str]
    key: tuple[str, ...]
    """All tokens, empty ones included: equal keys are the same sentence."""


def fold(text: str) -> str:
    """One line in NFKC, plain quotation marks and dashes, without characters nobody sees."""
    shown = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFKC", text).translate(_FOLDED)
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join(shown.split())


def claims(text: str) -> Claims:
    """Read the words of a text."""
    folded = _THOUSANDS.sub("", _SIGNED.sub(" minus ", fold(text)))
    folded = re.sub(r"\bper cent\b|\bpercent\b", "%", folded)
    words, key, pronouns = [], [], set()
    for surface in (part for match in _TOKEN.finditer(folded) for part in _expanded(match[0])):
        lower = _bare(surface)
        key.append(lower)
        if lower in _PRONOUNS:
            pronouns.add(lower)
        # "US" and "IT" are names; "May" is a month and "Will" a man, "may" and "will" are neither.
        shouted = len(surface) > 1 and surface.isupper()
        if lower in _EMPTY and not shouted:
            continue
        word = _DIGITS.get(lower, lower)
        capital = surface[:1].isupper()
        number = word[0].isdigit()
        as_it_is = number or (capital and lower in ("may", "will"))
        stem = f"{word}." if as_it_is else _stem(word)
        words.append(Word(stem, capital, number))
    stems = frozenset(word.stem for word in words)
    return Claims(tuple(words), stems, stems & _POLAR_STEMS, frozenset(pronouns), tuple(key))


def quotations(text: str) -> list[str] | None:
    """What the text puts between quotation marks, folded; None where a mark has no partner."""
    folded = fold(text)
    if folded.count('"') % 2:
        return None
    return [quote for quote in _QUOTED.findall(folded) if quote.strip()]


def in_order(words: Sequence[str], source: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    best = [0] * (len(source) + 1)
    for word in words:
        before = 0
        for place, other in enumerate(source, 1):
            above = best[place]
            best[place] = before + 1 if word == other else max(above, best[place - 1])
            before = above
    return best[-1]


def _expanded(surface: str) -> list[str]:
    """Contractions as the words they stand for, possessives without their ending."""
    lower = surface.casefold()
    if lower in ("cannot", "can't"):
        return ["can", "not"]
    if lower == "won't":
        return ["will", "not"]
    if lower.endswith("n't"):
        return [part for part in (surface[:-3], "not") if part]  # a stray "n't" is a "not"
    return [re.sub(r"'(?:s|re|ve|d|ll|m)?$", "", surface, flags=re.IGNORECASE)]


def _bare(surface: str) -> str:
    """Case and accents folded away."""
    spread = unicodedata.normalize("NFKD", surface.casefold())
    return "".join(mark for mark in spread if not unicodedata.combining(mark)) or surface


def _stem(word: str) -> str:
    """The word without the endings of number and tense, so that "denied" meets "denies"."""
    for suffix, instead in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = stem + instead
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]  # stopped, stop
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


_POLAR_STEMS = frozenset(map(_stem, _POLAR))


# What a question needs for asking, whatever the text that it is made from lacks.
ASKING = claims("how why many much long old did").stems
