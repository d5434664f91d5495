"""Which publishers a question names as its source: "according to …", "the … article".

In: a question, the archive's publishers. Out: InferredFilters, one for each publisher named.
Refuses to know: indexes, dates.

A publisher that is the question's subject ("who bought …") is no source. A well-known outlet whose
article is asked about, and of which the archive holds nothing, becomes a filter too: it matches
nothing, which is the truth, and is shown like any other. In doubt there is no filter: a wrong one
hides every answer, a missing one none.
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
# Names of one word that are no ordinary word: they may stand without their capital.
_UNMISTAKABLE = {name.casefold() for name in _OUTLETS if " " not in name} - set(
    "fortune guardian independent telegraph variety".split()
)
# What an outlet publishes, as a pattern.
ITEM = r"(?:articles?|reports?|reporting|story|stories|pieces?|reviews?|coverage|columns?|posts?)\b"
# Each name is written over with marks, so that the patterns need not know the names.
_MARK = "\0"
_ONE = rf"(?<!{_MARK}){_MARK}++(?:\s+(?:magazine|newspaper|website)\b)?"
_BETWEEN = r"(?:\s*,\s*(?:and\s+)?|\s+(?:(?:and|or)\s+)?)"
_NAMES = rf"(?P<names>(?:\bboth\s+)?{_ONE}(?:{_BETWEEN}{_ONE})*+)"
# "according to Reuters, …", "according to Reuters who won", not "Reuters' owner", "Reuters staff".
_ALONE = (
    r"(?=\s*(?:$|[^\w\s'’&-]|[–—-]\s|(?:who|what|when|where|why|how|which|whose|is|are|was|were|do|"
    r"does|did|has|have|had|will|would|can|could|should|may|might|must|in|on|at|by|to|for|from|with|"
    r"after|before|during|since|if|as|while|because|the|an?|and|or|but|this|last|saying|citing)\b))"
)
# What an outlet says of its own business ("say it would close", "report a record loss for May").
_NOT_ITS_OWN = (
    r"(?!\s+(?:to|for\s+(?:\w+\s+){1,3}(?:quarter|half|year)|"
    r"(?:about\s+|that\s+)?(?:its?|itself|they|their))\b)"
    r"(?!\s+(?:(?!(?:the|that|about|on|of)\b)\w+\s+){0,3}"
    r"(?:loss|losses|profits?|earnings|revenues?|sales|results)\b)"
)
_ABOUT_ITEMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{ITEM} (?:by|in|from)\s+{_NAMES}(?!['’])",
        rf"{_NAMES}(?:['’]s?)?\s+(?:(?:latest|recent|original|exclusive|live)\s+)?{ITEM}"
        rf"(?:(?<!\sreport)|{_NOT_ITS_OWN})",
    )
)
_SAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:according to|per)\s+{_NAMES}{_ALONE}",
        rf"\b(?:reported by|published (?:by|in))\s+{_NAMES}(?!['’])",
        rf"\b(?:do|did|does|has|have)\s+{_NAMES}\s+"
        rf"(?:say|report|reported|publish|put it|write(?!\s+(?:off|down)\b)|"
        rf"carry\s+(?:an?|the|this|that)\s+{ITEM})\b{_NOT_ITS_OWN}",
        # Not "which lawyer for Vox wrote …".
        rf"(?:^|[^\w\s]\s*|\b(?:as|that|what|when|while|and|but|after|before|since|until|once|than|"
        rf"if|whether|because|where|source|outlet|site)\s+){_NAMES}\s+"
        rf"(?:reported|wrote|says)\b{_NOT_ITS_OWN}",
    )
)
# Whoever denies a report, or sues over it, is news in the other papers.
_ANSWERED = re.compile(
    r"\b(?:over|den(?:y|ie[sd]|ying)|dismiss(?:e[sd]|ing)?|reject(?:s|ed|ing)?|"
    r"disput(?:es?|ed|ing)|(?:respon(?:d|ds|ded|se)|react(?:s|ed|ion)?) to|"
    r"retract(?:s|ed|ing)?|apologi[sz]e[sd]? for|critici[sz]e[sd]?|condemn(?:s|ed)?|"
    r"call(?:s|ed)?|confirm(?:s|ed)?)\s+(?:an?\s+|the\s+)?$",
    re.IGNORECASE,
)
# Part of a longer name: "Fortune Brands", "Guardian-led", "the Marlow Independent".
_GOES_ON = re.compile(r"(?:['’]s)?\s+(?:&|[A-Z])|-\w")
_WENT_BEFORE = re.compile(r"(?<!^)(?<![.?!]\s)(?<![\w'’])[A-Z][\w&.-]*\s+$")
_SENTENCE_HEAD = re.compile(r"(?:^|[.?!]\s+)$")
# Where no such word has small letters, as in a headline, capitals tell nothing.
_SMALL = re.compile(r"\b(?!(?:the|and|for|but|from|with)\b)[a-z]{3,}")


class _Named(NamedTuple):
    """A publisher's name in a question, with the "the" and the quotation marks around it."""

    start: int
    end: int
    name: str


def named_sources(question: str, publishers: Sequence[str]) -> tuple[InferredFilter, ...]:
    """A filter for each publisher that the question names as its source, in the question's order.

    A name also stands for the publishers that have it in theirs ("CNBC" for "CNBC World"). An
    outlet that none has is a source where its article is asked about.
    """
    named = [
        _Named(match.start(), match.end(), match["name"])
        for match in _names(tuple(publishers)).finditer(question)
        if _is_meant(question, match)
    ]
    marked = question.replace(_MARK, " ")
    for one in named:
        marked = marked[: one.start] + _MARK * (one.end - one.start) + marked[one.end :]
    inferred: dict[str, InferredFilter] = {}
    for pattern in (*_ABOUT_ITEMS, *_SAYS) if named else ():
        for cue in pattern.finditer(marked):
            first, after = cue.span()
            if pattern in _ABOUT_ITEMS and _ANSWERED.search(marked[max(first - 40, 0) : first]):
                continue
            words = question[first:after].strip(" ,.;:?!")
            for one in named:
                if not cue.start("names") <= one.start < cue.end("names"):
                    continue
                holding = _holding(one.name, publishers)
                if not holding and pattern in _ABOUT_ITEMS:
                    holding = [_written(one.name)]
                for publisher in holding:
                    inferred.setdefault(
                        publisher, InferredFilter("publisher", words, publisher=publisher)
                    )
    return tuple(inferred.values())


def mentions(text: str, publisher: str) -> bool:
    """Whether the text names the publisher: neither "the fortune lasted" nor "sometimes"."""
    bare = re.escape(_bare(publisher))
    return bool(re.search(rf"(?<!\w)(?=(?-i:[A-Z\d])){bare}(?!\w)", text, re.IGNORECASE))


@lru_cache(maxsize=4)
def _names(publishers: tuple[str, ...]) -> re.Pattern[str]:
    """Any name by which a question may call an outlet; of "Daily Post | World news" the first."""
    whole = {*publishers, *(re.split(r"\s[|–—-]\s", name)[0] for name in publishers), *_OUTLETS}
    bare = sorted({_bare(name) for name in whole} - {""}, key=len, reverse=True)
    return re.compile(
        r"(?:\bthe\s+)?(?P<quoted>['\"‘“])?(?:\bthe\s+)?(?<![\w-])"
        rf"(?P<name>{'|'.join(map(re.escape, bare))})(?!\w)(?(quoted),?['\"’”])",
        re.IGNORECASE,
    )


def _is_meant(question: str, match: re.Match[str]) -> bool:
    """Whether the words are the outlet's name, not a part of another name nor ordinary words."""
    if match["quoted"]:
        return True
    if _GOES_ON.match(question, match.end()):
        return False
    name = match["name"]
    if name.casefold() in _UNMISTAKABLE or re.search(r"[a-z][A-Z]|\W", name):
        return True
    if not name[0].isupper() or not _SMALL.search(question):
        return False
    before = question[: match.start()]
    of_its_own = not (_SENTENCE_HEAD.search(before) or _WENT_BEFORE.search(before))
    return of_its_own or match[0] != name  # with "the" before it


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
