"""What one round of following feeds did.

In: counts and rejections as they come. Out: a Round that can be printed. Refuses to know: feeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assistant.archive.batches import IngestSummary
from assistant.types import Rejection


@dataclass(slots=True)
class Round:
    """Counts of one round: feeds asked, and what became of the items that were due.

    `feeds_unchanged` of the `feeds` said that nothing is new. `new`, `updated` and `unchanged` are
    articles; `rejected` are feeds and items that could not be had, each with the reason.
    """

    feeds: int = 0
    feeds_unchanged: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, summary: IngestSummary) -> None:
        """Count what an ingest did; its rejections are listed by whoever knows their items."""
        self.new += summary.added
        self.updated += summary.updated
        self.unchanged += summary.unchanged

    def reject(self, source: str, reason: str) -> None:
        """List a feed or item that could not be had."""
        self.rejected.append(Rejection(source, reason))

    def in_words(self) -> str:
        """One line."""
        return (
            f"{self.new} new, {self.updated} updated, {self.unchanged} unchanged, "
            f"{len(self.rejected)} rejected"
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "feeds": self.feeds,
            "feeds_unchanged": self.feeds_unchanged,
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [rejection.to_json() for rejection in self.rejected],
            "seconds": round(self.seconds, 3),
        }
