"""Sentence borders with exact character offsets, for news prose in English.

In: a text. Out: half-open spans that cover everything but the white space between them, in order,
never overlapping. Refuses to know: articles, passages, tokens.

The citation unit of the whole system is the sentence, so the rules lean towards too few borders:
a quote of two sentences still supports its claim, half a sentence may not.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TITLES = (
    "Mr Mrs Ms Dr Prof Sen Rep Gov Gen Col Maj Lt Sgt Cpl Pvt Capt Cmdr Adm Rev Fr Hon Pres Supt "
    "St Ste Mt Ft vs v Messrs Mmes Sec Amb Atty Dist Asst Assoc Insp Det"
)
_MONTHS = (
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun"
)
_ENDERS = (
    "Jr Sr Inc Corp Co Ltd LLC Bros etc al approx est dept Ave Blvd Rd a.m p.m Ph.D M.D B.A M.A"
)
_NEVER_LAST = frozenset((_TITLES + " " + _MONTHS).split())
_MAYBE_LAST = frozenset(_ENDERS.split())
# After "U.S." or "Inc." a capital proves nothing ("the U.S. Senate"); these words nearly always do.
_STARTERS = frozenset(
    "The A An It He She They We I You His Her Their Its Our This That These Those There Here In On "
    "At By For From With But And Or So If When While As After Before Since Although However "
    "Meanwhile Under Last Some Many Most No Not One Two Both What Who Why How".split()
)
_END = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s)|\n[ \t]*\n\s*|\n""")
_OPENER = re.compile(r"""\s*["'“‘«(\[—–-]*\s*(\w+)""")
_LAST_WORD = re.compile(r"(\S+?)[.!?…]+[\"'”’»)\]]*$")
_ACRONYM = re.compile(r"^(?:[A-Za-z]\.)+[A-Za-z]$")


class Span(NamedTuple):
    """`text[start:end]`, end not included."""

    start: int
    end: int


def sentence_spans(text: str) -> list[Span]:
    """The sentences of `text`, in order, without the white space around them."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "\n":
            end = match.start()
        elif _ends_sentence(text, start, match.end()):
            end = match.end()
        else:
            continue
        _append(spans, text, start, end)
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def enclosing_sentences(text: str, start: int, end: int) -> Span:
    """The span of whole sentences that holds `text[start:end]`; the given span where none does."""
    inside = [span for span in sentence_spans(text) if span.start < end and span.end > start]
    if not inside:
        return Span(start, end)
    return Span(inside[0].start, inside[-1].end)


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        lead = len(piece) - len(piece.lstrip())
        spans.append(Span(start + lead, start + lead + len(stripped)))


def _ends_sentence(text: str, start: int, end: int) -> bool:
    """Whether the full stop (or ! ? …) that ends at `end` closes the sentence begun at `start`."""
    following = _OPENER.match(text, end)
    if following is None:
        return True
    next_word = following[1]
    if next_word[0].islower():
        # '"We won!" he said' goes on; so does an ellipsis in the middle of a quotation.
        return False
    last = _LAST_WORD.search(text, max(start, end - 40), end)
    word = last[1].lstrip("\"'“‘«([") if last else ""
    if "." not in text[max(end - 4, 0) : end] or not word:
        return True
    if word in ("No", "Nos"):
        return not next_word[0].isdigit()
    if word in _NEVER_LAST or (len(word) == 1 and word.isupper() and word != "I"):
        # "Sen. Warren", "J. Edgar": but "Mr." cannot be told from "the mister." and need not be.
        return False
    if _ACRONYM.match(word) or word in _MAYBE_LAST:
        return next_word in _STARTERS
    return True
