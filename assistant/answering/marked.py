"""Sentences with their [n] marks, out of a reply that arrives in pieces.

In: pieces of text. Out: whole sentences, without marks and markup, with the numbers they cite.
Refuses to know: whether the numbers exist, what the sentences say.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from assistant.sentences import sentence_spans

_NUMBERS = r"[\[【]\s*(?:passages?\s*)?\^?\d{1,3}(?:\s*(?:[,;]|and)\s*\d{1,3})*\s*[\]】]"
MARK = re.compile(_NUMBERS, re.IGNORECASE)
_AFTER_STOP = re.compile(rf"""([.!?…]["'”’)]*)((?:[ \t]*{_NUMBERS})+)""", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|`")
_LIST = re.compile(r"^[ \t]*(?:[-*•#>]+|\d{1,2}[.)])[ \t]+(?=\S)", re.MULTILINE)


class Marked(NamedTuple):
    """One sentence, and the numbers in its marks in order of first use."""

    text: str
    numbers: tuple[int, ...]


class MarkedSentences:
    """Collects pieces and gives back sentences as soon as the next one has begun."""

    def __init__(self) -> None:
        self._rest = ""

    def add(self, piece: str) -> list[Marked]:
        """The sentences that are complete now."""
        # A mark after the full stop belongs to the sentence before it.
        self._rest = _AFTER_STOP.sub(r"\2\1", _LIST.sub("", self._rest + piece))
        spans = sentence_spans(self._rest)
        complete = spans[:-1]
        if spans and self._rest[spans[-1].start] in "[【":
            complete = spans[:-2]  # the beginning of a mark that may belong to the one before
        elif spans and not any(map(str.isspace, self._rest[spans[-1].start :])):
            complete = spans[:-2]  # the first word decides whether a sentence ended before it
        found = [_marked(self._rest[span.start : span.end]) for span in complete]
        if complete:
            self._rest = self._rest[complete[-1].end :]
        return found

    def end(self) -> list[Marked]:
        """The sentences that are left when no more comes."""
        rest, self._rest = self._rest, ""
        return [_marked(rest[span.start : span.end]) for span in sentence_spans(rest)]


def _marked(sentence: str) -> Marked:
    numbers = [
        int(number) for mark in MARK.finditer(sentence) for number in re.findall(r"\d+", mark[0])
    ]
    bare = _MARKUP.sub("", MARK.sub("", sentence))
    seen = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", bare)
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    text = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(seen.split()))
    return Marked(text, tuple(dict.fromkeys(numbers)))
