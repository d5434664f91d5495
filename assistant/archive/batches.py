"""Prepare articles for the archive: cut them into passages and gather them into batches.

In: articles and rejections as a source yields them. Out: batches of cut articles, and a tally.
Refuses to know: embedders, indexes, the catalog.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant.archive.chunking import split_passages
from assistant.archive.header import embedded_text
from assistant.sentences import Span
from assistant.types import Article, Rejection

# Passages embedded and committed together: enough to sort by length, little to lose at a crash.
_BATCH_PASSAGES = 256
_LONGEST_URL = 4_000


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


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest did. `copies` of the added and updated articles carry a known story."""

    added: int
    updated: int
    unchanged: int
    copies: int
    rejected: tuple[Rejection, ...]
    passages: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "copies": self.copies,
            "rejected": [rejection.to_json() for rejection in self.rejected],
            "passages": self.passages,
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Tally:
    """Counts while an ingest runs."""

    seen: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    copies: int = 0
    passages: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def progress(self, seconds: float) -> IngestProgress:
        return IngestProgress(
            self.seen,
            self.added,
            self.updated,
            self.unchanged,
            self.copies,
            len(self.rejected),
            self.passages,
            seconds,
        )

    def summary(self, seconds: float) -> IngestSummary:
        return IngestSummary(
            self.added,
            self.updated,
            self.unchanged,
            self.copies,
            tuple(self.rejected),
            self.passages,
            seconds,
        )


@dataclass(frozen=True, slots=True)
class CutArticle:
    """An article with its passages' spans and the hash of everything a reader may see of it."""

    article: Article
    spans: list[Span]
    fingerprint: str

    def embedded(self) -> list[str]:
        """What is embedded for each passage."""
        article = self.article
        return [
            embedded_text(article.title, article.published_at, article.text[span.start : span.end])
            for span in self.spans
        ]


def batches(
    items: Iterable[Article | Rejection], tally: Tally, chunk_tokens: int
) -> Iterator[list[CutArticle]]:
    """Cut articles in batches of about 256 passages; no batch holds an article twice.

    Rejections, and articles that cannot be stored, go to the tally.
    """
    batch: dict[str, CutArticle] = {}
    for item in items:
        tally.seen += 1
        if isinstance(item, Rejection):
            tally.rejected.append(item)
            continue
        fault = _fault(item)
        spans = [] if fault else split_passages(item.text, chunk_tokens)
        if fault or not spans:
            tally.rejected.append(Rejection(item.url, fault or "The text holds no words."))
            continue
        if item.id in batch or sum(len(cut.spans) for cut in batch.values()) >= _BATCH_PASSAGES:
            yield list(batch.values())
            batch = {}
        batch[item.id] = CutArticle(item, spans, fingerprint(item))
    if batch:
        yield list(batch.values())


def fingerprint(article: Article) -> str:
    """Content hash: equal while nothing that a reader may see has changed."""
    seen = article.to_json() | {"language": article.language}
    del seen["version"]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _fault(article: Article) -> str | None:
    """Why an article built by a caller cannot be stored; None where it can."""
    if not article.url.strip() or len(article.url) > _LONGEST_URL:
        return f"An article needs a url of 1 to {_LONGEST_URL} characters to be known by."
    moments = (article.published_at, article.updated_at)
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        return "published_at and updated_at need a timezone, for example UTC."
    words = (article.url, article.title, article.text, article.publisher or "")
    if any(_unstorable(word) for word in words):
        return "The article holds NUL characters or broken Unicode; save it as valid UTF-8."
    return None


def _unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
