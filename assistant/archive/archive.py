"""The archive: articles in, passages searchable in two ways, on one folder of disk.

In: articles, questions as words or vectors, filters. Out: passages and articles.
Refuses to know: how results are fused, read or answered with.

The catalog is the truth; Chroma and tantivy follow it. Each group goes through three steps, and
what a crash interrupts is finished when the archive is next opened:
  1. store articles, passages and vectors in the catalog as `pending` (one transaction)
  2. put the passages into both indexes (repeatable)
  3. show them, and hide what they replace (one transaction)
What is under embargo stays before step 2 until its time: no index can find what it does not hold.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.archive.arrivals import Decision, Fate, decide
from assistant.archive.batches import (
    Arrival,
    IngestProgress,
    IngestSummary,
    Item,
    Tally,
    groups,
)
from assistant.archive.catalog import Catalog
from assistant.archive.credits import lead_first
from assistant.archive.embedding import Vectors, embed_question, load_embedder
from assistant.archive.intake import NO_WORDS, build_versions
from assistant.archive.lexical import LexicalIndex
from assistant.archive.lock import OwnerLock
from assistant.archive.rows import StoredPassage
from assistant.archive.schema import INDEXED, PENDING, REMOVING, SCHEMA_VERSION
from assistant.archive.stats import ArchiveStats
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


def _now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """An open archive; use as a context manager. Made by `Archive.open`."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        lock: OwnerLock,
        embedder: BaseEmbedding | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.path = path
        self._settings = settings
        self._lock = lock
        self._embedder = embedder
        self._clock = clock
        self._next_release: datetime | None = None
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
        clock: Callable[[], datetime] = _now,
    ) -> Archive:
        """Open the archive at `path` (default: the settings'), or make one where `create`.

        `clock` gives the present moment, with its timezone; embargoes end by it. Finishes what a
        crash left undone and repairs an index that lost its files. Raises ArchiveNotFoundError,
        ArchiveLockedError, ArchiveMismatchError, ArchiveDamagedError or ArchiveWriteError; each
        message names the remedy.
        """
        settings = settings or load_settings()
        folder = Path(path or settings.archive)
        _check_place(folder, create)
        lock = OwnerLock(folder, settings.lock_timeout_s)
        try:
            archive = cls(folder, settings, lock, embedder, clock)
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
        self._release_due()

    def _check_identity(self) -> None:
        """Write down, or compare, what the archive's vectors and passages were made with."""
        wanted = {
            "schema": SCHEMA_VERSION,
            "embedder": self._settings.embedder,
            "chunk_tokens": str(self._settings.chunk_tokens),
        }
        if self._catalog.meta("uid") is None:
            self._catalog.set_meta(uid=uuid.uuid4().hex[:12], indexes=SCHEMA_VERSION, **wanted)
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
        if self._catalog.meta("indexes") != SCHEMA_VERSION:  # made by an older release
            self.reindex()
            self._catalog.set_meta(indexes=SCHEMA_VERSION)
            return
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
        items: Iterable[Item],
        *,
        progress: Callable[[IngestProgress], None] | None = None,
        on_reject: Callable[[Rejection], None] | None = None,
        on_decision: Callable[[Decision], None] | None = None,
    ) -> IngestSummary:
        """Take articles in: new ones are added, changed ones become a new version.

        An article is known by its url and its source id, and unchanged while its content is; an
        earlier state of it than the archive's never replaces the later one. Interrupted at any
        moment, every finished group stays and running the same call again does the rest.
        `progress` is called after each group, `on_reject` with every rejection, `on_decision` with
        what became of every other article. Raises ArchiveWriteError where the disk refuses.
        """
        started = time.monotonic()
        tally = Tally(on_reject)
        with self._write_lock:
            for group in groups(items, tally):
                for some in _each_article_once(group, self._catalog):
                    for decision in self._ingest_group(some, tally):
                        if on_decision:
                            on_decision(decision)
                self._release_due()
                if progress:
                    progress(tally.progress(time.monotonic() - started))
        return tally.summary(time.monotonic() - started)

    def plan(self, items: Iterable[Item], tally: Tally) -> Iterator[Decision]:
        """What `ingest` would make of these items; changes nothing, embeds nothing."""
        for group in groups(items, tally):
            yield from decide(group, self._catalog)

    def _ingest_group(self, decisions: list[Decision], tally: Tally) -> list[Decision]:
        """Carry the decisions out; returns them without those that had no words to store."""
        changed = [one for one in decisions if one.fate is not Fate.UNCHANGED]
        tally.unchanged += len(decisions) - len(changed)
        try:
            stored = self._store(changed, tally) if changed else set()
            taken = [
                one for one in decisions if one.fate is Fate.UNCHANGED or one.article.id in stored
            ]
            self._note(taken)
        except OSError as error:
            raise ArchiveWriteError(
                f"The archive {self.path} cannot be written ({error}). Finished batches are kept; "
                "free some disk space and run the same command again."
            ) from error
        return taken

    def _store(self, changed: list[Decision], tally: Tally) -> set[str]:
        """Carry the decisions out; returns the ids of what was stored."""
        now = self._clock()
        versions = build_versions(
            changed, self._catalog, self.embedder, self._settings.chunk_tokens, now
        )
        stored = {new.article.id: new for new in versions}
        copied = self._catalog.add_pending(versions, now)
        self._index(self._catalog.stored(self._catalog.keys(PENDING)))
        self._drop_removed()
        for decision in changed:
            new = stored.get(decision.article.id)
            if new is None:
                tally.reject(Rejection(decision.arrival.article.url, NO_WORDS))
                continue
            tally.added += decision.fate is Fate.NEW
            tally.updated += decision.is_update
            tally.superseded += decision.fate is Fate.SUPERSEDED
            tally.held += new.held
            tally.copies += new.article.id in copied
            tally.passages += len(new.spans)
        if any(new.held for new in versions) or self._next_release:
            self._next_release = self._catalog.next_release()
        return set(stored)

    def _note(self, decisions: list[Decision]) -> None:
        """Remember the names and files under which known articles were met."""
        known = self._catalog.known_sources([one.article.id for one in decisions])
        sources = {(one.arrival.path, one.article.id) for one in decisions} - known
        names = [(name, one.article.id) for one in decisions for name in one.new_names]
        if names or sources:
            self._catalog.note(names, sorted(sources))

    def _index(self, pending: Sequence[StoredPassage]) -> None:
        if pending:
            self._vectors.add(pending)
            self._lexical.add(pending)
            self._catalog.promote()

    def _drop_removed(self) -> None:
        keys = self._catalog.keys(REMOVING)
        if keys:
            self._vectors.remove(keys)
            self._lexical.remove(keys)
            self._catalog.forget_removed(keys)

    def _release_due(self) -> None:
        """Show what was held and whose time has come."""
        now = self._clock()
        self._next_release = self._catalog.next_release()
        if self._next_release and self._next_release <= now:
            self._catalog.release(now)
            self._index(self._catalog.stored(self._catalog.keys(PENDING)))
            self._drop_removed()
            self._next_release = self._catalog.next_release()

    def _keep_time(self) -> None:
        """Before a reading: end the embargoes that are due.

        While another thread writes, that thread does it after its group; readers never wait.
        """
        due = self._next_release
        if due and due <= self._clock() and self._write_lock.acquire(blocking=False):
            try:
                if not self._closed:
                    self._release_due()
            finally:
                self._write_lock.release()

    # -- taking out -------------------------------------------------------------------------

    def remove(self, urls_or_ids: Iterable[str]) -> int:
        """Take articles out, all versions, from everywhere; returns how many there were."""
        with self._write_lock:
            found = (self._catalog.article_id(name) for name in urls_or_ids)
            ids = {article_id for article_id in found if article_id}
            self._catalog.mark_removing(ids)
            self._drop_removed()
            self._next_release = self._catalog.next_release()
            return len(ids)

    def select(self, publishers: Sequence[str] = (), before: date | None = None) -> list[str]:
        """Ids of all articles, held ones included, within these limits; undated are never before.

        No limit at all selects every article.
        """
        return self._catalog.select(publishers, before)

    def stored(self, article_id: str) -> Article | None:
        """The newest version, held ones included: for the archive's operator, never for readers."""
        found = self._catalog.newest(article_id)
        return found[0] if found else None

    def known(self, url_or_id: str) -> str | None:
        """The id of an article, held ones included; None where it is unknown."""
        return self._catalog.article_id(url_or_id)

    def sources_below(self, folder: Path) -> list[tuple[str, str]]:
        """(path, article id) of every article that was read from a file in the folder."""
        return self._catalog.sources_below(folder.resolve().as_posix())

    def left_without(self, sources: Sequence[tuple[str, str]]) -> list[str]:
        """Ids of the articles that came from nowhere but these (path, id)."""
        ids = sorted({article_id for _, article_id in sources})
        others = self._catalog.known_sources(ids) - set(sources)
        kept = {article_id for _, article_id in others}
        return [article_id for article_id in ids if article_id not in kept]

    def leave_sources(self, sources: Sequence[tuple[str, str]]) -> int:
        """Take out the articles that came from nowhere but these (path, id); returns how many.

        The others only forget that they came from there.
        """
        with self._write_lock:
            removed = self.remove(self.left_without(sources))
            self._catalog.forget_sources(sources)
            return removed

    # -- reading ----------------------------------------------------------------------------

    def embed(self, question: str) -> Vectors:
        """The question's vector [dimension], of length one."""
        return embed_question(self.embedder, question)

    def search_dense(self, vector: Vectors, filters: Filters, limit: int) -> Hits:
        """Up to `limit` (key, cosine) pairs within the filters, nearest first."""
        self._keep_time()
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
        self._keep_time()
        return self._lexical.search(texts, filters, limit)

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Passages by key; keys that are not shown (any more) are left out."""
        return self._catalog.passages(keys)

    def article(self, id_or_url: str, version: int | None = None) -> Article | None:
        """An article by id or url, its shown version or the one named; None where there is none.

        What is under embargo is not there.
        """
        self._keep_time()
        return self._catalog.article(id_or_url, version, self._clock())

    def versions(self, id_or_url: str) -> list[Article]:
        """All versions that may be shown, in the order they arrived in; [] for the unknown."""
        self._keep_time()
        return self._catalog.versions(id_or_url, self._clock())

    def articles(
        self, offset: int = 0, limit: int = 50, publisher: str | None = None
    ) -> tuple[list[Article], int]:
        """One page of articles without their texts, newest first, and how many there are in all.

        Undated ones come last; `publisher` compares without regard to case.
        """
        self._keep_time()
        return self._catalog.articles(offset, limit, publisher)

    def clusters(self, article_ids: Iterable[str]) -> dict[str, list[Article]]:
        """Groups of near-copies that hold one of these articles, by cluster, at least two each.

        The agency that the copies credit comes first where it is among them, else the earliest.
        """
        self._keep_time()
        found = self._catalog.clusters(article_ids)
        return {name: lead_first(group) for name, group in found.items()}

    def publishers(self) -> tuple[str, ...]:
        """Publishers of the archive, most articles first."""
        self._keep_time()
        return tuple(name for name, _ in self._catalog.publishers())

    def days(self) -> tuple[date, date] | None:
        """Days of the oldest and the newest dated article; None where none is dated."""
        self._keep_time()
        ends = self._catalog.days()
        return (date.fromordinal(ends[0]), date.fromordinal(ends[1])) if ends else None

    def stats(self) -> ArchiveStats:
        """What the archive holds, and how it was made."""
        self._keep_time()
        counts = self._catalog.counts()
        ends = self.days()
        material = json.dumps(self._catalog.content_hash_material()).encode()
        return ArchiveStats(
            path=str(self.path),
            articles=counts["articles"],
            passages=counts["passages"],
            publishers=tuple(self._catalog.publishers()),
            languages=tuple(self._catalog.languages()),
            oldest=ends[0] if ends else None,
            newest=ends[1] if ends else None,
            undated=counts["undated"],
            held=counts["held"],
            clusters=counts["clusters"],
            bytes=sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file()),
            embedder=self._settings.embedder,
            chunk_tokens=self._settings.chunk_tokens,
            fingerprint=hashlib.sha256(material).hexdigest()[:16],
        )


def _each_article_once(group: list[Arrival], catalog: Catalog) -> Iterator[list[Decision]]:
    """Decisions in runs that hold each article once: two names of one may meet in a group."""
    while group:
        first: dict[str, Decision] = {}
        later = []
        for decision in decide(group, catalog):
            if decision.article.id in first:
                later.append(decision.arrival)
            else:
                first[decision.article.id] = decision
        yield list(first.values())
        group = later


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
