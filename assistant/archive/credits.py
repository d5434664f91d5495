"""Whose story near-copies are: the agency that they credit, or whoever had it first.

In: the articles of a cluster. Out: the same, the one that leads first. Refuses to know: storage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.archive.identity import publisher_key
from assistant.types import Article

# Agencies by the names that they are credited with; the key is one name for all of them.
AGENCIES = {
    "reuters": "reuters", "thomson reuters": "reuters",
    "ap": "ap", "associated press": "ap", "the associated press": "ap", "ap news": "ap",
    "afp": "afp", "agence france-presse": "afp", "agence france presse": "afp",
    "dpa": "dpa", "deutsche presse-agentur": "dpa",
    "upi": "upi", "united press international": "upi",
    "bloomberg": "bloomberg", "bloomberg news": "bloomberg", "efe": "efe", "ansa": "ansa",
    "xinhua": "xinhua", "kyodo": "kyodo", "kyodo news": "kyodo", "pa": "pa", "pa media": "pa",
    "press association": "pa", "pti": "pti", "press trust of india": "pti", "ani": "ani",
    "ians": "ians", "tass": "tass", "yonhap": "yonhap", "yonhap news agency": "yonhap",
    "anadolu": "anadolu", "anadolu agency": "anadolu", "apa": "apa", "belga": "belga",
    "canadian press": "canadian press", "the canadian press": "canadian press",
    "aap": "aap", "australian associated press": "aap",
}  # fmt: skip
# A dateline at the head of the text: "LONDON, May 3 (Reuters) - ", "PARIS (AFP) — ".
_DATELINE = re.compile(r"^.{0,80}?\((?P<name>[^()]{2,40})\)\s*[-–—:]")
_BYLINE = re.compile(
    r"^\W*(?:by|source:|from)\s+(?P<name>(?:the\s+)?[^\n,.|/]{2,40})\s*$", re.IGNORECASE
)
_CLOSING = re.compile(
    r"(?:\(|—|–|-|©|\bcopyright\s(?:\d{4}\s)?)\s*(?P<name>[a-zA-Z][^()\n]{1,40}?)\)?\.?\s*$"
)
_HEAD_LINES = 3


def credited_agency(article: Article) -> str | None:
    """The news agency that the article credits in dateline, byline or last line; None without."""
    lines = [line.strip() for line in article.text.split("\n") if line.strip()]
    names = [*article.authors]
    for line in lines[:_HEAD_LINES]:
        names += [found["name"] for form in (_DATELINE, _BYLINE) if (found := form.search(line))]
    names += [found["name"] for line in lines[-1:] if (found := _CLOSING.search(line))]
    return next((key for name in names if (key := _agency(name))), None)


def lead_first(articles: Sequence[Article]) -> list[Article]:
    """The agency's own item where most copies credit it and it is there, then by age.

    Undated articles come last; equal ages by id, so that the order never depends on arrival.
    """
    credited = [agency for one in articles if (agency := credited_agency(one))]
    agency = max(sorted(set(credited)), key=credited.count) if credited else None

    def order(article: Article) -> tuple[bool, bool, float, str]:
        own = agency is not None and _agency(article.publisher or "") == agency
        when = article.published_at
        return (not own, when is None, when.timestamp() if when else 0.0, article.id)

    return sorted(articles, key=order)


def _agency(name: str) -> str | None:
    key = publisher_key(re.sub(r"^by\s+", "", name.strip(), flags=re.IGNORECASE))
    return AGENCIES.get(key)
