"""Which publishers a question names as its source: "according to …", "the … article".

In: a question, the archive's publishers. Out: InferredFilters, one for each publisher named.
Refuses to know: indexes, dates.

A publisher that is the question's subject ("who bought …") is no source. A well-known outlet whose
article is asked about, and of which the archive holds nothing, becomes a filter too: it matches
nothing, which is the truth, and is shown like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from assistant.types import InferredFilter

# General knowledge, for telling "a New York Times article" from "a Goldman Sachs report".
_OUTLETS = (
    "ABC News|Al Jazeera|Associated Press|Axios|BBC|BBC News|BBC Sport|Bloomberg|"
    "Business Insider|BuzzFeed News|CBS News|CNBC|CNET|CNN|Chicago Tribune|Daily Mail|"
    "Der Spiegel|Deutsche Welle|ESPN|Engadget|Entertainment Weekly|Evening Standard|"
    "Financial Times|Forbes|Fortune|Fox News|Guardian|Haaretz|HuffPost|Independent|Kyodo News|"
    "Le Monde|Los Angeles Times|MSNBC|NBC News|NPR|National Geographic|New Scientist|"
    "New York Post|New York Times|New Yorker|Newsweek|Nikkei Asia|PBS NewsHour|Politico|"
    "ProPublica|Reuters|Rolling Stone|Scientific American|Sky News|Sky Sports|"
    "South China Morning Post|Sports Illustrated|Straits Times|Sydney Morning Herald|"
    "TechCrunch|Telegraph|Times of India|USA Today|Vanity Fair|Variety|Vice News|Vox|"
    "Wall Street Journal|Washington Post|ZDNet"
).split("|")
_ITEM = r"(?:articles?|reports?|story|stories|pieces?|reviews?|coverage|columns?|posts?)"
_QUOTE = r"['\"‘’“”]?"
_BETWEEN = r"(?:\s*,\s*(?:and\s+)?|\s+(?:and|or)\s+)"


class _Patterns(NamedTuple):
    """How a question names sources. `items` speak of an article, `says` need not."""

    name: re.Pattern[str]
    items: tuple[re.Pattern[str], ...]
    says: tuple[re.Pattern[str], ...]


def named_sources(question: str, publishers: Sequence[str]) -> tuple[InferredFilter, ...]:
    """A filter for each publisher that the question names as its source, in the question's order.

    A name also stands for the publishers that have it in theirs ("CNBC" for "CNBC World"). An
    outlet that none has is a source where its article is asked about.
    """
    patterns = _patterns(tuple(publishers))
    inferred: dict[str, InferredFilter] = {}
    for pattern in (*patterns.items, *patterns.says):
        for cue in pattern.finditer(question):
            for name in patterns.name.findall(cue["names"]):
                holding = _holding(name, publishers)
                if not holding and pattern in patterns.items:
                    holding = [_written(name)]
                for publisher in holding:
                    words = cue[0].strip()
                    inferred.setdefault(
                        publisher, InferredFilter("publisher", words, publisher=publisher)
                    )
    return tuple(inferred.values())


@lru_cache(maxsize=4)
def _patterns(publishers: tuple[str, ...]) -> _Patterns:
    bare = sorted({_bare(name) for name in (*publishers, *_OUTLETS)}, key=len, reverse=True)
    name = rf"(?:{'|'.join(map(re.escape, bare))})(?!\w)"
    one = rf"{_QUOTE}(?:the\s+)?{_QUOTE}\b{name}{_QUOTE}"
    names = rf"(?P<names>(?:both\s+)?{one}(?:{_BETWEEN}{one})*)"
    return _Patterns(
        re.compile(rf"\b({name})", re.IGNORECASE),
        _compiled(rf"\b{_ITEM} (?:by|in|from)\s+{names}", rf"{names}(?:['’]s)?\s+{_ITEM}\b"),
        _compiled(
            rf"\b(?:according to|reported by|published (?:by|in))\s+{names}",
            rf"\b(?:did|does|has)\s+{names}\s+(?:say|report|write|publish|carry|put|reported)\b",
            rf"{names}\s+(?:reported|wrote)\b",
        ),
    )


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _holding(name: str, publishers: Sequence[str]) -> list[str]:
    """The publishers called so, else those that have the name in theirs."""
    same = [one for one in publishers if _bare(one).casefold() == name.casefold()]
    within = re.compile(rf"\b{re.escape(name)}(?!\w)", re.IGNORECASE)
    return same or [one for one in publishers if within.search(one)]


def _bare(publisher: str) -> str:
    return re.sub(r"^the\s+", "", publisher, flags=re.IGNORECASE)


def _written(name: str) -> str:
    """The outlet as the list writes it."""
    return next((one for one in _OUTLETS if one.casefold() == name.casefold()), name)
