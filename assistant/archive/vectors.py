"""Dense search: passage vectors in Chroma, embedded in this process or on a server.

In: stored passages, vectors, filters. Out: passage keys with cosine similarity, best first.
Refuses to know: texts (they stay in the catalog), the catalog, tantivy. Holds nothing that the
catalog cannot rebuild.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from assistant.archive.identity import publisher_key
from assistant.archive.rows import StoredPassage
from assistant.errors import ArchiveDamagedError, SettingsError
from assistant.offline import go_offline
from assistant.types import Filters

_UPSERT_ROWS = 5_000  # Chroma takes at most 5,461 rows a call
_COSINE = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200}}
_PROBE_S = 60

Hits = list[tuple[int, float]]


class VectorIndex:
    """One Chroma collection, named after the archive's uid."""

    def __init__(self, folder: Path, uid: str, url: str | None = None) -> None:
        """Open or create. Raises SettingsError where the Chroma server cannot be reached."""
        go_offline()
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        self.folder = folder
        self.is_local = url is None
        quiet = ChromaSettings(anonymized_telemetry=False)
        if url is None:
            self._client: Any = chromadb.PersistentClient(str(folder), quiet)
        else:
            parts = urlsplit(url)
            try:
                self._client = chromadb.HttpClient(
                    parts.hostname or url,
                    parts.port or 8000,
                    parts.scheme == "https",
                    settings=quiet,
                )
            except ValueError as error:
                raise SettingsError(
                    f"No Chroma server answers at {url}: {error}. Start one with `chroma run`, or "
                    "unset NEWS_ASSISTANT_CHROMA_URL to use the embedded one."
                ) from error
        self._name = f"news-{uid}"
        self._open()

    def _open(self) -> None:
        self._collection = self._client.get_or_create_collection(
            self._name, configuration=_COSINE, embedding_function=None
        )

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    def count(self) -> int:
        return int(self._collection.count())

    def add(self, passages: Sequence[StoredPassage]) -> None:
        """Insert or replace passages by key."""
        for first in range(0, len(passages), _UPSERT_ROWS):
            rows = passages[first : first + _UPSERT_ROWS]
            self._collection.upsert(
                ids=[str(row.key) for row in rows],
                embeddings=np.stack([row.vector for row in rows]).astype(np.float32),
                metadatas=[
                    {
                        "day": row.day,
                        "publisher": row.publisher_key,
                        "article": row.article_id,
                        "language": row.language or "",
                    }
                    for row in rows
                ],
            )

    def remove(self, keys: Sequence[int]) -> None:
        """Drop passages; unknown keys are ignored."""
        for first in range(0, len(keys), _UPSERT_ROWS):
            self._collection.delete(ids=[str(key) for key in keys[first : first + _UPSERT_ROWS]])

    def clear(self) -> None:
        """Drop everything and start an empty collection."""
        self._client.delete_collection(self._name)
        self._open()

    def search(self, vector: npt.NDArray[np.float32], filters: Filters, limit: int) -> Hits:
        """Up to `limit` (key, cosine) pairs that match the filters, best first."""
        found = self._collection.query(
            query_embeddings=[vector.tolist()],
            n_results=limit,
            where=_where(filters),
            include=["distances"],
        )
        return [
            (int(key), 1.0 - distance)
            for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def finds(self, sample: Sequence[StoredPassage]) -> bool:
        """Whether a search for each sampled vector finds that very passage (or its equal)."""
        for row in sample:
            hits = self.search(row.vector.astype(np.float32), Filters(), 1)
            if not hits or hits[0][1] < 0.99:
                return False
        return True


def file_listing(folder: Path) -> str:
    """Names, sizes and times of the files of an index: equal when nothing touched them."""
    listed = sorted(
        (str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    )
    return json.dumps(listed)


def survives_opening(folder: Path, uid: str, sample: Sequence[StoredPassage]) -> bool:
    """Whether Chroma's files can be opened and searched, tried in a child process.

    Damaged HNSW files make the library crash the process that opens them (segmentation fault), so
    files that changed since the archive was last closed are tried where a crash harms nobody.
    """
    request = {
        "folder": str(folder),
        "uid": uid,
        "vectors": [row.vector.astype(np.float32).tolist() for row in sample],
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "assistant.archive.vectors"],
            input=json.dumps(request),
            text=True,
            capture_output=True,
            timeout=_PROBE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _where(filters: Filters) -> dict[str, Any] | None:
    """The filters in Chroma's language: one operator a key, several joined by $and."""
    conditions: list[dict[str, Any]] = []
    if filters.published_from or filters.published_to:
        conditions.append({"day": {"$gt": 0}})
    if filters.published_from:
        conditions.append({"day": {"$gte": filters.published_from.toordinal()}})
    if filters.published_to:
        conditions.append({"day": {"$lte": filters.published_to.toordinal()}})
    if filters.as_of:
        conditions.append({"day": {"$lte": filters.as_of.toordinal()}})
    if filters.publishers:
        keys = [publisher_key(publisher) for publisher in filters.publishers]
        conditions.append({"publisher": {"$in": keys}})
    if filters.articles:
        conditions.append({"article": {"$in": list(filters.articles)}})
    if filters.languages:
        conditions.append({"language": {"$in": list(filters.languages)}})
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"$and": conditions}


def _probe() -> None:
    """Child process: exit 0 where every vector of the request finds a near-identical neighbour."""
    request = json.load(sys.stdin)
    index = VectorIndex(Path(request["folder"]), request["uid"])
    for vector in request["vectors"]:
        hits = index.search(np.asarray(vector, np.float32), Filters(), 1)
        if not hits or hits[0][1] < 0.99:
            raise ArchiveDamagedError("the vector index does not find what it holds")


if __name__ == "__main__":
    _probe()
