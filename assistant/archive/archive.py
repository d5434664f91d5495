"""The archive: articles in, passages searchable in two ways, on one folder of disk.

In: articles, questions as words or vectors, filters. Out: passages and articles.
Refuses to know: how results are fused, read or answered with.

The catalog is the truth; Chroma and tantivy follow it. Each batch goes through three steps, and
what a crash interrupts is finished when the archive is next opened:
  1. store articles, passages and vectors in the catalog as `pending` (one transaction)
  2. put the passages into both indexes (repeatable)
  3. show them, and hide what they replace (one transaction)
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.archive import copies
from assistant.archive.batches import CutArticle, IngestProgress, IngestSummary, Tally, batches
from assistant.archive.catalog import Catalog, NewVersion, StoredPassage
from assistant.archive.embedding import Vectors, embed_question, embed_texts, load_embedder
from assistant.archive.lexical import LexicalIndex
from assistant.archive.lock import OwnerLock
from assistant.archive.schema import INDEXED, PENDING, REMOVING, SCHEMA_VERSION
from assistant.archive.vectors import VectorIndex, file_listing, survives_opening
from assistant.errors import ArchiveMismatchError, ArchiveNotFoundError, ArchiveWriteError
from assistant.settings import Settings, load_settings
from assistant.types import Article, Filters, Passage, Rejection

Hits = list[tuple[int, float]]

_CATALOG = "catalog.sqlite"
_OWN_FILES = frozenset({"owner.lock", "owner.json", "chroma", "lexical", ".gitignore"})
_REFILL_ROWS = 2_000
_SAMPLE = 3
# Under this many matching passages an exact scan of their vectors beats Chroma's filtered search,
# which finds as little as 85 % of the true neighbours and takes 64 to 197 ms (docs/decisions.md).
_EXACT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class ArchiveStats:
    """What the archive holds. `publishers` with their number of articles, most first."""

    path: str
    articles: int
    passages: int
    publishers: tuple[tuple[str, int], ...]
    oldest: date | None
    newest: date | None
    undated: int
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
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "newest": self.newest.isoformat() if self.newest else None,
            "undated": self.undated,
            "clusters": self.clusters,
            "bytes": self.bytes,
            "embedder": self.embedder,
            "chunk_tokens": self.chunk_tokens,
            "fingerprint": self.fingerprint,
        }


class Archive:
    """An open archive; use as a context manager. Made by `Archive.open`."""

    def __init__(
        self, path: Path, settings: Settings, lock: OwnerLock, embedder: BaseEmbedding | None
    ) -> None:
        self.path = path
        self._settings = settings
        self._lock = lock
        self._embedder = embedder
        self._write_lock = threading.RLock()
        # Its own lock: a question must not wait for the ingest that holds the other one.
        self._embedder_lock = threading.Lock()
        self._catalog = Catalog(path / _CATALOG)
        self._closed = False

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        settings: Settings | None = None,
        create: bool = True,
        embedder: BaseEmbedding | None = None,
    ) -> Archive:
        """Open the archive at `path` (default: the settings'), or make one where `create`.

        Finishes what a crash left undone and repairs an index that lost its files. Raises
        ArchiveNotFoundError, ArchiveLockedError, ArchiveMismatchError, ArchiveDamagedError or
        ArchiveWriteError; each message names the remedy.
        """
        settings = settings or load_settings()
        folder = Path(path or settings.archive)
        _check_place(folder, create)
        lock = OwnerLock(folder, settings.lock_timeout_s)
        try:
            archive = cls(folder, settings, lock, embedder)
            archive._start()
        except BaseException:
            lock.release()
            raise
        return archive

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave everything on disk in order. Harmless when called twice."""
        with self._write_lock:
            if self._closed:
                return
            self._closed = True
            self._lexical.close()
            self._vectors.close()
            if self._vectors.is_local:
                self._catalog.set_meta(vector_files=file_listing(self._vectors.folder))
            self._catalog.close()
            self._lock.release()

    # -- opening ----------------------------------------------------------------------------

    def _start(self) -> None:
        self._check_identity()
        sample = self._sample()
        folder = self.path / "chroma"
        if self._settings.chroma_url is None and folder.exists() and sample:
            self._discard_broken_vectors(folder, sample)
        self._vectors = VectorIndex(folder, self._uid, self._settings.chroma_url)
        self._lexical = LexicalIndex(self.path / "lexical")
        self._finish_interrupted_work()
        self._rebuild_where_unsound(sample)

    def _check_identity(self) -> None:
        """Write down, or compare, what the archive's vectors and passages were made with."""
        wanted = {
            "schema": SCHEMA_VERSION,
            "embedder": self._settings.embedder,
            "chunk_tokens": str(self._settings.chunk_tokens),
        }
        if self._catalog.meta("uid") is None:
            self._catalog.set_meta(uid=uuid.uuid4().hex[:12], **wanted)
        for name, value in wanted.items():
            found = self._catalog.meta(name)
            if found != value:
                raise ArchiveMismatchError(
                    f"The archive {self.path} was built with {name}={found}, the settings say "
                    f"{value}. Set NEWS_ASSISTANT_{name.upper()}={found} to use it as it is, or "
                    "ingest the articles again into another folder with --archive."
                )
        self._uid = self._catalog.meta("uid") or ""

    def _sample(self) -> list[StoredPassage]:
        keys = self._catalog.keys(INDEXED)
        chosen = random.Random(len(keys)).sample(keys, min(_SAMPLE, len(keys)))
        return self._catalog.stored(chosen)

    def _discard_broken_vectors(self, folder: Path, sample: list[StoredPassage]) -> None:
        """Delete Chroma's files where they changed behind our back and do not work any more."""
        untouched = file_listing(folder) == self._catalog.meta("vector_files")
        if not untouched and not survives_opening(folder, self._uid, sample):
            shutil.rmtree(folder)

    def _finish_interrupted_work(self) -> None:
        pending = self._catalog.stored(self._catalog.keys(PENDING))
        if pending:
            self._index(pending)
        self._drop_removed()

    def _rebuild_where_unsound(self, sample: list[StoredPassage]) -> None:
        """Fill an index again from the catalog where it does not hold what the catalog says."""
        expected = len(self._catalog.keys(INDEXED))
        if self._lexical.count() != expected:
            self._lexical.clear()
            self._refill(self._lexical.add)
        if self._vectors.count() != expected or not self._vectors.finds(sample):
            self._vectors.clear()
            self._refill(self._vectors.add)

    def reindex(self) -> int:
        """Build both indexes anew from the catalog, without embedding; returns the passages."""
        with self._write_lock:
            self._lexical.clear()
            self._refill(self._lexical.add)
            self._vectors.clear()
            return self._refill(self._vectors.add)

    def _refill(self, add: Callable[[Sequence[StoredPassage]], None]) -> int:
        keys = self._catalog.keys(INDEXED)
        for first in range(0, len(keys), _REFILL_ROWS):
            add(self._catalog.stored(keys[first : first + _REFILL_ROWS]))
        return len(keys)

    # -- writing ----------------------------------------------------------------------------

    @property
    def embedder(self) -> BaseEmbedding:
        """The embedder, loaded when first needed."""
        with self._embedder_lock:
            if self._embedder is None:
                self._embedder = load_embedder(self._settings)
            return self._embedder

    def ingest(
        self,
        items: Iterable[Article | Rejection],
        *,
        progress: Callable[[IngestProgress], None] | None = None,
    ) -> IngestSummary:
        """Take articles in: new ones are added, changed ones become a new version.

        An article is known by its url and unchanged while its content is. Interrupted at any
        moment, every finished batch stays and running the same call again does the rest.
        `progress` is called after each batch. Raises ArchiveWriteError where the disk refuses.
        """
        started = time.monotonic()
        tally = Tally()
        with self._write_lock:
            for batch in batches(items, tally, self._settings.chunk_tokens):
                self._ingest_batch(batch, tally)
                if progress:
                    progress(tally.progress(time.monotonic() - started))
        return tally.summary(time.monotonic() - started)

    def _ingest_batch(self, batch: list[CutArticle], tally: Tally) -> None:
        known = self._catalog.fingerprints([cut.article.id for cut in batch])
        fresh = [cut for cut in batch if known.get(cut.article.id) != cut.fingerprint]
        tally.unchanged += len(batch) - len(fresh)
        if not fresh:
            return
        vectors = embed_texts(self.embedder, [text for cut in fresh for text in cut.embedded()])
        versions: list[NewVersion] = []
        first = 0
        for cut in fresh:
            mine = vectors[first : first + len(cut.spans)].astype(np.float16)
            first += len(cut.spans)
            versions.append(self._new_version(cut, mine, versions))
            tally.updated += cut.article.id in known
            tally.added += cut.article.id not in known
            tally.copies += versions[-1].cluster != cut.article.id
            tally.passages += len(cut.spans)
        try:
            self._catalog.add_pending(versions, datetime.now(UTC))
            self._index(self._catalog.stored(self._catalog.keys(PENDING)))
            self._drop_removed()
        except OSError as error:
            raise ArchiveWriteError(
                f"The archive {self.path} cannot be written ({error}). Finished batches are kept; "
                "free some disk space and run the same command again."
            ) from error

    def _new_version(
        self, cut: CutArticle, vectors: npt.NDArray[np.float16], earlier: Sequence[NewVersion]
    ) -> NewVersion:
        """The article with its copies' cluster, found in the catalog and earlier in this batch."""
        article = cut.article
        mark = copies.signature(article.text)
        bands = copies.band_keys(mark)
        stored = self._catalog.same_bands(bands)
        candidates = {
            name: (cluster, copies.from_bytes(raw)) for name, (cluster, raw) in stored.items()
        }
        for new in earlier:
            candidates[new.article.id] = (new.cluster, copies.from_bytes(new.signature))
        candidates.pop(article.id, None)
        alike = copies.most_similar(mark, [(n, other) for n, (_, other) in candidates.items()])
        return NewVersion(
            article=replace(article, version=self._catalog.next_version(article.id)),
            fingerprint=cut.fingerprint,
            signature=copies.to_bytes(mark),
            bands=bands,
            cluster=candidates[alike[0]][0] if alike else article.id,
            spans=cut.spans,
            vectors=vectors,
        )

    def _index(self, pending: Sequence[StoredPassage]) -> None:
        self._vectors.add(pending)
        self._lexical.add(pending)
        self._catalog.promote()

    def _drop_removed(self) -> None:
        keys = self._catalog.keys(REMOVING)
        if keys:
            self._vectors.remove(keys)
            self._lexical.remove(keys)
            self._catalog.forget_removed(keys)

    def remove(self, urls_or_ids: Iterable[str]) -> int:
        """Take articles out, all versions, from everywhere; returns how many there were."""
        with self._write_lock:
            ids = self._catalog.article_ids(list(urls_or_ids))
            self._catalog.mark_removing(ids)
            self._drop_removed()
            return len(ids)

    # -- reading ----------------------------------------------------------------------------

    def embed(self, question: str) -> Vectors:
        """The question's vector [dimension], of length one."""
        return embed_question(self.embedder, question)

    def search_dense(self, vector: Vectors, filters: Filters, limit: int) -> Hits:
        """Up to `limit` (key, cosine) pairs within the filters, nearest first."""
        if filters:
            keys = self._catalog.matching(filters, _EXACT_LIMIT)
            if keys is not None:
                return self._nearest(vector, keys)[:limit]
        return self._vectors.search(vector, filters, limit)

    def similarities(self, vector: Vectors, keys: Sequence[int]) -> dict[int, float]:
        """The exact cosine of a question's vector with each of these passages."""
        return dict(self._nearest(vector, keys))

    def _nearest(self, vector: Vectors, keys: Sequence[int]) -> Hits:
        found = self._catalog.vectors(keys)
        if not found:
            return []
        matrix = np.stack(list(found.values())).astype(np.float32)
        scored = zip(found, (matrix @ vector).tolist(), strict=True)
        return sorted(scored, key=lambda hit: (-hit[1], hit[0]))

    def search_lexical(
        self, texts: Sequence[tuple[str, float]], filters: Filters, limit: int
    ) -> Hits:
        """Up to `limit` (key, BM25) pairs within the filters for weighted texts, best first."""
        return self._lexical.search(self._lexical.weigh(texts), filters, limit)

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Passages by key; keys that are not shown (any more) are left out."""
        return self._catalog.passages(keys)

    def article(self, id_or_url: str) -> Article | None:
        """The current version of an article, by id or url; None where there is none."""
        return self._catalog.article(id_or_url)

    def articles(
        self, offset: int = 0, limit: int = 50, publisher: str | None = None
    ) -> tuple[list[Article], int]:
        """One page of articles without their texts, newest first, and how many there are in all.

        Undated ones come last; `publisher` compares without regard to case.
        """
        return self._catalog.articles(offset, limit, publisher)

    def clusters(self, article_ids: Iterable[str]) -> dict[str, list[Article]]:
        """Groups of near-copies that hold one of these articles, by cluster, at least two each."""
        return self._catalog.clusters(article_ids)

    def publishers(self) -> tuple[str, ...]:
        """Publishers of the archive, most articles first."""
        return tuple(name for name, _ in self._catalog.publishers())

    def days(self) -> tuple[date, date] | None:
        """Days of the oldest and the newest dated article; None where none is dated."""
        ends = self._catalog.days()
        return (date.fromordinal(ends[0]), date.fromordinal(ends[1])) if ends else None

    def stats(self) -> ArchiveStats:
        """What the archive holds, and how it was made."""
        counts = self._catalog.counts()
        ends = self.days()
        material = json.dumps(self._catalog.content_hash_material()).encode()
        return ArchiveStats(
            path=str(self.path),
            articles=counts["articles"],
            passages=counts["passages"],
            publishers=tuple(self._catalog.publishers()),
            oldest=ends[0] if ends else None,
            newest=ends[1] if ends else None,
            undated=counts["undated"],
            clusters=counts["clusters"],
            bytes=sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file()),
            embedder=self._settings.embedder,
            chunk_tokens=self._settings.chunk_tokens,
            fingerprint=hashlib.sha256(material).hexdigest()[:16],
        )


def _check_place(folder: Path, create: bool) -> None:
    """Make sure that `folder` is an archive, or may become one."""
    if folder.is_file():
        raise ArchiveNotFoundError(f"{folder} is a file; an archive is a folder.")
    if (folder / _CATALOG).exists():
        return
    if not create:
        raise ArchiveNotFoundError(
            f"There is no archive at {folder}. Make one: news-assistant ingest PATH --archive "
            f"{folder}"
        )
    if folder.exists() and any(entry.name not in _OWN_FILES for entry in folder.iterdir()):
        raise ArchiveNotFoundError(
            f"{folder} holds other files and is not an archive. Name an empty or a new folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveWriteError(
            f"Cannot make the archive folder {folder} ({error.strerror}). Name a folder that you "
            "may write to with --archive."
        ) from error
