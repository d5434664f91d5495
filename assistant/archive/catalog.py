"""The catalog: the archive's one source of truth, in SQLite through SQLAlchemy Core.

In: articles cut into passages with their vectors, changes of state. Out: the same, through the
reading half (lookup.py). Refuses to know: Chroma, tantivy, embedders. Both indexes can be rebuilt
from here alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.archive import clusters
from assistant.archive.lookup import Lookup
from assistant.archive.migrate import migrate
from assistant.archive.rows import chunks, passage_version, utc_stamp, version_values
from assistant.archive.schema import (
    HELD,
    INDEXED,
    NO_VERSION,
    PENDING,
    REMOVING,
    TAKEN_OUT,
    articles_table,
    bands_table,
    metadata,
    names_table,
    passages_table,
    sources_table,
    versions_table,
)
from assistant.errors import ArchiveDamagedError, ArchiveWriteError
from assistant.types import Article


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version ready to be stored, in place of the one with its number where there is one.

    `vectors` [len(spans), dimension]. `held`: under embargo. `superseded`: an earlier state than
    the one that is shown, kept to be read and never searched; it has no spans.
    """

    article: Article
    fingerprint: str
    signature: bytes
    bands: Sequence[int]
    spans: Sequence[tuple[int, int]]
    vectors: npt.NDArray[np.float16]
    source_version: int = 1
    held: bool = False
    superseded: bool = False


class Catalog(Lookup):
    """One SQLite file. Several threads may read; writes are the owner's to serialise."""

    def __init__(self, path: Path) -> None:
        """Open, bring to the present schema, or create.

        Raises ArchiveDamagedError where the file is not a readable catalog, ArchiveMismatchError
        where a newer release made it.
        """
        self.path = path
        self._engine: Engine = sa.create_engine(
            f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 10}
        )
        sa.event.listen(self._engine, "connect", _prepare_connection)
        try:
            with self._engine.begin() as connection:
                check = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
                if check != "ok":
                    raise ArchiveDamagedError(_damaged(path, str(check)))
                migrate(connection, path)
                metadata.create_all(connection)
        except sa.exc.DatabaseError as error:
            if "readonly" in str(error) or "unable to open" in str(error):
                raise ArchiveWriteError(_unwritable(path, error)) from error
            raise ArchiveDamagedError(_damaged(path, str(error.orig))) from error

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            raise ArchiveWriteError(_unwritable(self.path, error)) from error

    def set_meta(self, **values: str) -> None:
        """Write named values that belong to the archive."""
        with self._writing() as connection:
            for name, value in values.items():
                connection.execute(
                    sa.text("INSERT OR REPLACE INTO meta (name, value) VALUES (:name, :value)"),
                    {"name": name, "value": value},
                )

    # -- versions ---------------------------------------------------------------------------

    def add_pending(self, versions: Sequence[NewVersion], now: datetime) -> set[str]:
        """Store versions and their passages, all or none of them, to be put into the indexes.

        Returns the ids of those that carry the story of an article before them.
        """
        regrouped = [new.article.id for new in versions if not new.superseded]
        with self._writing() as connection:
            affected = clusters.companions(connection, regrouped) | set(regrouped)
            _insert_versions(connection, versions, now)
            clusters.regroup(connection, affected)
            return _copies(connection, regrouped)

    def note(self, names: Sequence[tuple[str, str]], sources: Sequence[tuple[str, str]]) -> None:
        """Remember (name, article id) and (path, article id); what is known stays as it is."""
        rows = (
            (names_table, [{"name": one, "article_id": of} for one, of in names]),
            (sources_table, [{"path": one, "article_id": of} for one, of in sources]),
        )
        with self._writing() as connection:
            for table, values in rows:
                if values:
                    connection.execute(sa.insert(table).prefix_with("OR IGNORE"), values)

    def promote(self) -> None:
        """Show what is pending and hide what it replaces, in one transaction."""
        with self._writing() as connection:
            newest = connection.execute(
                sa.select(passages_table.c.article_id, sa.func.max(passages_table.c.version))
                .where(passages_table.c.state == PENDING)
                .group_by(passages_table.c.article_id)
            ).all()
            for chunk in chunks([article_id for article_id, _ in newest]):
                connection.execute(
                    sa.update(passages_table)
                    .where(
                        passages_table.c.article_id.in_(chunk), passages_table.c.state == INDEXED
                    )
                    .values(state=REMOVING)
                )
            connection.execute(
                sa.update(passages_table)
                .where(passages_table.c.state == PENDING)
                .values(state=INDEXED)
            )
            if newest:
                connection.execute(
                    sa.update(articles_table)
                    .where(articles_table.c.id == sa.bindparam("which"))
                    .values(version=sa.bindparam("shown")),
                    [{"which": article_id, "shown": version} for article_id, version in newest],
                )

    def release(self, now: datetime) -> None:
        """Make pending what is held and whose embargo has ended."""
        due = (
            sa.select(passages_table.c.key)
            .join(versions_table, passage_version())
            .where(
                passages_table.c.state == HELD, versions_table.c.embargoed_until <= utc_stamp(now)
            )
        )
        with self._writing() as connection:
            connection.execute(
                sa.update(passages_table).where(passages_table.c.key.in_(due)).values(state=PENDING)
            )

    # -- taking out -------------------------------------------------------------------------

    def mark_removing(self, article_ids: Collection[str]) -> None:
        """Hide articles at once: their passages are to be taken out of the indexes."""
        with self._writing() as connection:
            left = clusters.companions(connection, article_ids) - set(article_ids)
            for chunk in chunks(list(article_ids)):
                connection.execute(
                    sa.update(passages_table)
                    .where(passages_table.c.article_id.in_(chunk))
                    .values(state=REMOVING)
                )
                connection.execute(
                    sa.delete(bands_table).where(bands_table.c.article_id.in_(chunk))
                )
                _show(connection, chunk, TAKEN_OUT)
            clusters.regroup(connection, left)

    def forget_removed(self, keys: Sequence[int]) -> None:
        """Delete passages that both indexes have dropped, and articles that were taken out."""
        gone = sa.select(articles_table.c.id).where(articles_table.c.version == TAKEN_OUT)
        with self._writing() as connection:
            for chunk in chunks(keys):
                connection.execute(sa.delete(passages_table).where(passages_table.c.key.in_(chunk)))
            for table in (names_table, sources_table, versions_table):
                connection.execute(sa.delete(table).where(table.c.article_id.in_(gone)))
            connection.execute(
                sa.delete(articles_table).where(articles_table.c.version == TAKEN_OUT)
            )

    def forget_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        """Forget that these articles (path, article id) came from these files."""
        with self._writing() as connection:
            for path, article_id in sources:
                connection.execute(
                    sa.delete(sources_table).where(
                        sources_table.c.path == path, sources_table.c.article_id == article_id
                    )
                )


def _prepare_connection(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: a commit is on disk before it is acknowledged, so a power cut loses no article.
    cursor.execute("PRAGMA synchronous=FULL")
    # What is taken out is overwritten on disk, not only forgotten.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _damaged(path: Path, detail: str) -> str:
    return (
        f"The catalog {path} is damaged ({detail}). Restore it from a backup, or move the archive "
        "folder away and ingest again."
    )


def _unwritable(path: Path, error: sa.exc.DatabaseError) -> str:
    return (
        f"The archive {path.parent} cannot be written ({error.orig}). Nothing was half-written. "
        "Free some disk space, or make the folder writable, and run the same command again."
    )


def _move(connection: Connection, article_id: str, before: str, after: str) -> None:
    connection.execute(
        sa.update(passages_table)
        .where(passages_table.c.article_id == article_id, passages_table.c.state == before)
        .values(state=after)
    )


def _show(connection: Connection, article_ids: Sequence[str], version: int) -> None:
    connection.execute(
        sa.update(articles_table)
        .where(articles_table.c.id.in_(article_ids))
        .values(version=version)
    )


def _insert_versions(connection: Connection, versions: Sequence[NewVersion], now: datetime) -> None:
    """Rows of all versions, table by table: a statement for each article would take most time."""
    known = _known(connection, [new.article.id for new in versions])
    fresh = [new for new in versions if new.article.id not in known]
    current = [new for new in versions if not new.superseded]
    if fresh:
        connection.execute(
            sa.insert(articles_table),
            [
                {
                    "id": new.article.id,
                    "url": new.article.url,
                    "version": NO_VERSION,
                    "latest": new.article.version,
                    "cluster": new.article.id,
                }
                for new in fresh
            ],
        )
    for new in versions:
        if new.article.id in known:
            _make_way(connection, new)
    connection.execute(
        sa.insert(versions_table),
        [
            version_values(new.article)
            | {
                "ingested_at": now.isoformat(),
                "fingerprint": new.fingerprint,
                "signature": new.signature,
                "source_version": new.source_version,
            }
            for new in versions
        ],
    )
    clusters.store_bands(connection, {new.article.id: new.bands for new in current})
    passages = [row for new in current for row in _passage_rows(new)]
    if passages:
        connection.execute(sa.insert(passages_table), passages)


def _known(connection: Connection, article_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for chunk in chunks(article_ids):
        query = sa.select(articles_table.c.id).where(articles_table.c.id.in_(chunk))
        found |= set(connection.execute(query).scalars())
    return found


def _make_way(connection: Connection, new: NewVersion) -> None:
    """Take away what the new version of a known article stands in for."""
    article = new.article
    connection.execute(
        sa.delete(versions_table).where(
            versions_table.c.article_id == article.id, versions_table.c.version == article.version
        )
    )
    if new.superseded:
        return
    for state in (PENDING, HELD):  # it replaces what was still waiting
        _move(connection, article.id, state, REMOVING)
    connection.execute(
        sa.update(articles_table)
        .where(articles_table.c.id == article.id)
        .values(latest=article.version)
    )
    if new.held:
        _hide_if_shown(connection, article)


def _passage_rows(new: NewVersion) -> Iterator[dict[str, Any]]:
    for (start, end), vector in zip(new.spans, new.vectors, strict=True):
        yield {
            "article_id": new.article.id,
            "version": new.article.version,
            "start": start,
            "end": end,
            "state": HELD if new.held else PENDING,
            "vector": vector.tobytes(),
        }


def _copies(connection: Connection, article_ids: Sequence[str]) -> set[str]:
    """All of these that are in a cluster, but for the first where none of it was there before."""
    known = set(article_ids)
    opened: set[str] = set()
    found = set()
    for article_id, group in clusters.groups(connection, article_ids).items():
        others = group - {article_id}
        if others - known or others & opened:
            found.add(article_id)
        opened.add(article_id)
    return found


def _hide_if_shown(connection: Connection, article: Article) -> None:
    """An embargo on the very version that is shown takes it off the shelf."""
    hidden = connection.execute(
        sa.update(articles_table)
        .where(articles_table.c.id == article.id, articles_table.c.version == article.version)
        .values(version=NO_VERSION)
    )
    if hidden.rowcount:
        _move(connection, article.id, INDEXED, REMOVING)
