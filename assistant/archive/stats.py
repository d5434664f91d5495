"""What an archive holds, in numbers.

In: counts. Out: one frozen value with `to_json`. Refuses to know: where the counts come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class ArchiveStats:
    """What the archive holds. `publishers` and `languages` with their articles, most first.

    `held` articles are under embargo and counted nowhere else.
    """

    path: str
    articles: int
    passages: int
    publishers: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    oldest: date | None
    newest: date | None
    undated: int
    held: int
    clusters: int
    bytes: int
    embedder: str
    chunk_tokens: int
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "articles": self.articles,
            "passages": self.passages,
            "publishers": [{"publisher": name, "articles": n} for name, n in self.publishers],
            "languages": [{"language": code, "articles": n} for code, n in self.languages],
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "newest": self.newest.isoformat() if self.newest else None,
            "undated": self.undated,
            "held": self.held,
            "clusters": self.clusters,
            "bytes": self.bytes,
            "embedder": self.embedder,
            "chunk_tokens": self.chunk_tokens,
            "fingerprint": self.fingerprint,
        }
