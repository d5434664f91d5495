"""Gather what a source yields into groups for the archive, and count what becomes of it.

In: articles and rejections as a source yields them. Out: groups of arrivals, and a tally.
Refuses to know: embedders, indexes, the catalog. Holds one group at a time, so that a source of
any length goes through in the same memory.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant.archive import identity
from assistant.archive.schema import ELSEWHERE
from assistant.types import Article, Rejection

# One group is committed together: about 256 passages to embed sorted by length, little to lose at a
# crash, and few enough known articles to compare at a time when an ingest is run again.
_GROUP_CHARACTERS = 200_000
_GROUP_ARTICLES = 256
_LONGEST_URL = 4_000
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Rejections that a summary holds; all of them go to `on_reject`.
KEPT_REJECTIONS = 10_000


@dataclass(frozen=True, slots=True)
class Located:
    """An article with the file that it was read from (absolute path)."""

    article: Article
    path: str


Item = Article | Rejection | Located


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far an ingest is: items seen and what became of them."""

    seen: int
    added: int
    updated: int
    unchanged: int
    copies: int
    rejected: int
    passages: int
    seconds: float

    @property
    def accepted(self) -> int:
        """Articles that the archive took in: new ones and new versions."""
        return self.added + self.updated


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest did. `copies` of the added and updated articles carry a known story.

    `superseded` articles were earlier states of what the archive had: kept, not searched. `held`
    articles are under embargo. `rejected` holds the first 10,000 of `rejections`.
    """

    added: int
    updated: int
    unchanged: int
    superseded: int
    held: int
    copies: int
    rejections: int
    rejected: tuple[Rejection, ...]
    passages: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "superseded": self.superseded,
            "held": self.held,
            "copies": self.copies,
            "rejections": self.rejections,
            "rejected": [rejection.to_json() for rejection in self.rejected],
            "passages": self.passages,
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Tally:
    """Counts while an ingest runs."""

    on_reject: Callable[[Rejection], None] | None = None
    seen: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    held: int = 0
    copies: int = 0
    passages: int = 0
    rejections: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def reject(self, rejection: Rejection) -> None:
        """Count a rejection and pass it on."""
        self.rejections += 1
        if len(self.rejected) < KEPT_REJECTIONS:
            self.rejected.append(rejection)
        if self.on_reject:
            self.on_reject(rejection)

    def progress(self, seconds: float) -> IngestProgress:
        return IngestProgress(
            self.seen,
            self.added,
            self.updated,
            self.unchanged,
            self.copies,
            self.rejections,
            self.passages,
            seconds,
        )

    def summary(self, seconds: float) -> IngestSummary:
        return IngestSummary(
            self.added,
            self.updated,
            self.unchanged,
            self.superseded,
            self.held,
            self.copies,
            self.rejections,
            tuple(self.rejected),
            self.passages,
            seconds,
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article as it came, the names it is known by, and the file it came from."""

    article: Article
    names: tuple[str, ...]
    path: str


def groups(items: Iterable[Item], tally: Tally) -> Iterator[list[Arrival]]:
    """Arrivals in groups of at most 256; no group holds a name twice.

    Rejections, and articles that cannot be stored, go to the tally.
    """
    group: list[Arrival] = []
    taken: set[str] = set()
    characters = 0
    for item in items:
        tally.seen += 1
        if isinstance(item, Rejection):
            tally.reject(item)
            continue
        article, path = (
            (item.article, item.path) if isinstance(item, Located) else (item, ELSEWHERE)
        )
        fault = _fault(article)
        if fault:
            tally.reject(Rejection(article.url, fault))
            continue
        names = identity.names(article)
        if group and (
            not taken.isdisjoint(names)
            or characters >= _GROUP_CHARACTERS
            or len(group) >= _GROUP_ARTICLES
        ):
            yield group
            group, taken, characters = [], set(), 0
        group.append(Arrival(article, tuple(names), path))
        taken.update(names)
        characters += len(article.text)
    if group:
        yield group


def fingerprint(article: Article) -> str:
    """Content hash: equal while nothing that the source says of the article has changed."""
    seen = article.to_json()
    later = {
        "correction": article.correction,
        "usage_terms": article.usage_terms,
        "source_id": article.source_id,
        "embargoed_until": article.embargoed_until and article.embargoed_until.isoformat(),
        "page_starts": article.page_starts,
    }
    # Only where they say something: what an older release stored keeps its hash.
    for name in ("version", *later):
        seen.pop(name, None)
    seen |= {name: value for name, value in later.items() if value}
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _fault(article: Article) -> str | None:
    """Why an article built by a caller cannot be stored; None where it can."""
    if not article.url.strip() or len(article.url) > _LONGEST_URL:
        return f"An article needs a url of 1 to {_LONGEST_URL} characters to be known by."
    moments = (article.published_at, article.updated_at, article.embargoed_until)
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        return "published_at, updated_at and embargoed_until need a timezone, for example UTC."
    words = (
        article.url,
        article.title,
        article.text,
        article.publisher or "",
        article.source_id or "",
        article.correction or "",
        article.usage_terms or "",
    )
    if any(_UNSTORABLE.search(word) for word in words):
        return "The article holds NUL characters or broken Unicode; save it as valid UTF-8."
    return None
