"""The catalog: the archive's one source of truth, in SQLite through SQLAlchemy Core.

In: articles cut into passages with their vectors. Out: the same, by id, by filter, by state.
Refuses to know: Chroma, tantivy, embedders. Both indexes can be rebuilt from here alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.archive.schema import (
    INDEXED,
    PENDING,
    REMOVING,
    UNDATED,
    articles_table,
    bands_table,
    metadata,
    passages_table,
    settings_table,
    versions_table,
)
from assistant.errors import ArchiveDamagedError, ArchiveWriteError
from assistant.types import Article, Filters, Passage

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the indexes need it: `key` is its integer id, `day` its article's date."""

    key: int
    article_id: str
    title: str
    text: str
    publisher: str | None
    publisher_key: str
    published_at: datetime | None
    day: int
    vector: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """An article ready to be stored: its passages' spans and vectors [len(spans), dimension]."""

    article: Article
    fingerprint: str
    signature: bytes
    bands: Sequence[int]
    cluster: str
    spans: Sequence[tuple[int, int]]
    vectors: npt.NDArray[np.float16]


def day_of(when: datetime | None) -> int:
    """The day of a moment, in the moment's own timezone, as an ordinal; UNDATED without one."""
    return when.date().toordinal() if when else UNDATED


def publisher_key(publisher: str | None) -> str:
    """What publishers are compared by: case folded, white space squeezed."""
    return " ".join((publisher or "").casefold().split())


class Catalog:
    """One SQLite file. Several threads may read; writes are the owner's to serialise."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises ArchiveDamagedError where the file is not a readable catalog."""
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

    # -- meta -------------------------------------------------------------------------------

    def meta(self, name: str) -> str | None:
        """A named value that belongs to the archive (its embedder, say)."""
        with self._engine.connect() as connection:
            query = sa.select(settings_table.c.value).where(settings_table.c.name == name)
            return connection.execute(query).scalar()

    def set_meta(self, **values: str) -> None:
        with self._writing() as connection:
            for name, value in values.items():
                connection.execute(
                    sa.text("INSERT OR REPLACE INTO meta (name, value) VALUES (:name, :value)"),
                    {"name": name, "value": value},
                )

    # -- writing ----------------------------------------------------------------------------

    def add_pending(self, versions: Sequence[NewVersion], now: datetime) -> None:
        """Store versions and their passages as `pending`, all or none of them."""
        with self._writing() as connection:
            for new in versions:
                _insert_version(connection, new, now)

    def promote(self) -> None:
        """Show what is pending and hide what it replaces, in one transaction."""
        pending = passages_table.c.state == PENDING
        with self._writing() as connection:
            newest = connection.execute(
                sa.select(passages_table.c.article_id, sa.func.max(passages_table.c.version))
                .where(pending)
                .group_by(passages_table.c.article_id)
            ).all()
            for article_id, version in newest:
                mine = passages_table.c.article_id == article_id
                connection.execute(
                    sa.update(passages_table)
                    .where(mine, passages_table.c.version < version)
                    .values(state=REMOVING)
                )
                connection.execute(
                    sa.update(passages_table)
                    .where(mine, passages_table.c.version == version)
                    .values(state=INDEXED)
                )
                connection.execute(
                    sa.update(articles_table)
                    .where(articles_table.c.id == article_id)
                    .values(version=version)
                )

    def mark_removing(self, article_ids: Sequence[str]) -> None:
        """Hide articles at once: their passages are to be taken out of the indexes."""
        with self._writing() as connection:
            for chunk in _chunks(article_ids):
                connection.execute(
                    sa.update(passages_table)
                    .where(passages_table.c.article_id.in_(chunk))
                    .values(state=REMOVING)
                )
                connection.execute(
                    sa.update(articles_table)
                    .where(articles_table.c.id.in_(chunk))
                    .values(version=-1)
                )

    def forget_removed(self, keys: Sequence[int]) -> None:
        """Delete passages that both indexes have dropped, and articles that were taken out."""
        with self._writing() as connection:
            for chunk in _chunks(keys):
                connection.execute(sa.delete(passages_table).where(passages_table.c.key.in_(chunk)))
            gone = sa.select(articles_table.c.id).where(articles_table.c.version == -1)
            for table in (bands_table, versions_table):
                connection.execute(sa.delete(table).where(table.c.article_id.in_(gone)))
            connection.execute(sa.delete(articles_table).where(articles_table.c.version == -1))

    # -- reading ----------------------------------------------------------------------------

    def fingerprints(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Content hash of the newest stored version, by article id."""
        newest = (
            sa.select(versions_table.c.article_id, sa.func.max(versions_table.c.version).label("n"))
            .where(versions_table.c.article_id.in_(article_ids))
            .group_by(versions_table.c.article_id)
            .subquery()
        )
        query = sa.select(versions_table.c.article_id, versions_table.c.fingerprint).join(
            newest,
            (versions_table.c.article_id == newest.c.article_id)
            & (versions_table.c.version == newest.c.n),
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def next_version(self, article_id: str) -> int:
        """The number that the next version of this article gets, from 1."""
        query = sa.select(sa.func.max(versions_table.c.version)).where(
            versions_table.c.article_id == article_id
        )
        with self._engine.connect() as connection:
            return (connection.execute(query).scalar() or 0) + 1

    def article(self, id_or_url: str, version: int | None = None) -> Article | None:
        """The shown version of an article (or the one named), by id or url; None without one."""
        shown = articles_table.c.version if version is None else version
        query = (
            sa.select(articles_table.c.url, versions_table)
            .join(
                versions_table,
                (versions_table.c.article_id == articles_table.c.id)
                & (versions_table.c.version == shown),
            )
            .where(
                (articles_table.c.id == id_or_url) | (articles_table.c.url == id_or_url),
                articles_table.c.version > 0,
            )
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return _article(row) if row else None

    def articles(self, offset: int, limit: int, publisher: str | None) -> tuple[list[Article], int]:
        """Shown articles without their texts, newest day first, then by id; and their number."""
        conditions: list[sa.ColumnElement[bool]] = [articles_table.c.version > 0]
        if publisher is not None:
            conditions.append(versions_table.c.publisher_key == publisher_key(publisher))
        columns = [column for column in versions_table.c if column is not versions_table.c.text]
        query = (
            sa.select(articles_table.c.url, sa.literal("").label("text"), *columns)
            .join(articles_table, _shown())
            .where(*conditions)
            .order_by(versions_table.c.day.desc(), versions_table.c.article_id)
            .offset(offset)
            .limit(limit)
        )
        count = (
            sa.select(sa.func.count())
            .select_from(versions_table)
            .join(articles_table, _shown())
            .where(*conditions)
        )
        with self._engine.connect() as connection:
            page = [_article(row) for row in connection.execute(query).mappings()]
            return page, connection.execute(count).scalar_one()

    def same_bands(self, bands: Sequence[int]) -> dict[str, tuple[str, bytes]]:
        """Articles that share a band key: id to (cluster, signature of the newest version)."""
        meets = sa.or_(
            *(
                (bands_table.c.band == number) & (bands_table.c.value == value)
                for number, value in enumerate(bands)
            )
        )
        query = (
            sa.select(articles_table.c.id, articles_table.c.cluster, versions_table.c.signature)
            .join(versions_table, versions_table.c.article_id == articles_table.c.id)
            .where(articles_table.c.id.in_(sa.select(bands_table.c.article_id).where(meets)))
            .order_by(versions_table.c.version)
        )
        with self._engine.connect() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def keys(self, state: str) -> list[int]:
        """Keys of all passages in a state, ascending."""
        query = (
            sa.select(passages_table.c.key)
            .where(passages_table.c.state == state)
            .order_by(passages_table.c.key)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def stored(self, keys: Sequence[int]) -> list[StoredPassage]:
        """Passages with vectors, whatever their state, for the indexes."""
        result = []
        with self._engine.connect() as connection:
            for chunk in _chunks(keys):
                query = _passage_query(passages_table.c.vector).where(
                    passages_table.c.key.in_(chunk)
                )
                result += [_stored(row) for row in connection.execute(query).mappings()]
        return result

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Shown passages by key; keys that are not shown are left out."""
        found: dict[int, Passage] = {}
        with self._engine.connect() as connection:
            for chunk in _chunks(keys):
                query = _passage_query().where(
                    passages_table.c.key.in_(chunk), passages_table.c.state == INDEXED
                )
                for row in connection.execute(query).mappings():
                    found[row["key"]] = _passage(row)
        return found

    def vectors(self, keys: Sequence[int]) -> dict[int, npt.NDArray[np.float16]]:
        """Vectors by key."""
        found = {}
        with self._engine.connect() as connection:
            for chunk in _chunks(keys):
                query = sa.select(passages_table.c.key, passages_table.c.vector).where(
                    passages_table.c.key.in_(chunk)
                )
                for key, vector in connection.execute(query):
                    found[key] = np.frombuffer(vector, np.float16)
        return found

    def matching(self, filters: Filters, at_most: int) -> list[int] | None:
        """Keys of the shown passages that match, or None where there are more than `at_most`."""
        query = (
            sa.select(passages_table.c.key)
            .join(
                versions_table,
                (versions_table.c.article_id == passages_table.c.article_id)
                & (versions_table.c.version == passages_table.c.version),
            )
            .where(passages_table.c.state == INDEXED, *_conditions(filters))
            .limit(at_most + 1)
        )
        with self._engine.connect() as connection:
            keys = list(connection.execute(query).scalars())
        return keys if len(keys) <= at_most else None

    def clusters(self, article_ids: Iterable[str]) -> dict[str, list[Article]]:
        """The articles of each cluster that holds one of `article_ids` and at least one more."""
        ids = list(article_ids)
        mine = sa.select(articles_table.c.cluster).where(articles_table.c.id.in_(ids))
        query = (
            sa.select(articles_table.c.url, articles_table.c.cluster, versions_table)
            .join(
                versions_table,
                (versions_table.c.article_id == articles_table.c.id)
                & (versions_table.c.version == articles_table.c.version),
            )
            .where(articles_table.c.cluster.in_(mine))
        )
        groups: dict[str, list[Article]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                groups.setdefault(row["cluster"], []).append(_article(row))
        return {name: group for name, group in groups.items() if len(group) > 1}

    def publishers(self) -> list[tuple[str, int]]:
        """Publishers with their number of articles, most first."""
        query = (
            sa.select(sa.func.min(versions_table.c.publisher), sa.func.count().label("n"))
            .join(articles_table, _shown())
            .where(versions_table.c.publisher_key != "")
            .group_by(versions_table.c.publisher_key)
            .order_by(sa.desc("n"), versions_table.c.publisher_key)
        )
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def days(self) -> tuple[int, int] | None:
        """Ordinals of the oldest and newest dated article; None where none is dated."""
        query = (
            sa.select(sa.func.min(versions_table.c.day), sa.func.max(versions_table.c.day))
            .join(articles_table, _shown())
            .where(versions_table.c.day > UNDATED)
        )
        with self._engine.connect() as connection:
            oldest, newest = connection.execute(query).one()
        return (oldest, newest) if oldest else None

    def counts(self) -> dict[str, int]:
        """Numbers of shown articles, shown passages, undated articles and clusters of copies."""
        shown = (
            sa.select(sa.func.count())
            .select_from(articles_table)
            .where(articles_table.c.version > 0)
        )
        passages = sa.select(sa.func.count()).where(passages_table.c.state == INDEXED)
        undated = (
            sa.select(sa.func.count())
            .select_from(versions_table)
            .join(articles_table, _shown())
            .where(versions_table.c.day == UNDATED)
        )
        groups = (
            sa.select(articles_table.c.cluster)
            .where(articles_table.c.version > 0)
            .group_by(articles_table.c.cluster)
            .having(sa.func.count() > 1)
        )
        clusters = sa.select(sa.func.count()).select_from(groups.subquery())
        with self._engine.connect() as connection:
            return {
                "articles": connection.execute(shown).scalar_one(),
                "passages": connection.execute(passages).scalar_one(),
                "undated": connection.execute(undated).scalar_one(),
                "clusters": connection.execute(clusters).scalar_one(),
            }

    def article_ids(self, ids_or_urls: Sequence[str]) -> list[str]:
        """Ids of the stored articles among these ids and urls."""
        found: list[str] = []
        with self._engine.connect() as connection:
            for chunk in _chunks(ids_or_urls):
                query = sa.select(articles_table.c.id).where(
                    articles_table.c.id.in_(chunk) | articles_table.c.url.in_(chunk)
                )
                found += connection.execute(query).scalars()
        return found

    def content_hash_material(self) -> list[tuple[str, str]]:
        """(article id, content hash) of every shown article, sorted: what the archive holds."""
        query = (
            sa.select(versions_table.c.article_id, versions_table.c.fingerprint)
            .join(articles_table, _shown())
            .order_by(versions_table.c.article_id)
        )
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]


def _prepare_connection(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: a commit is on disk before it is acknowledged, so a power cut loses no article.
    cursor.execute("PRAGMA synchronous=FULL")
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


def _insert_version(connection: Connection, new: NewVersion, now: datetime) -> None:
    article = new.article
    connection.execute(
        sa.text(
            "INSERT INTO articles (id, url, version, cluster) VALUES (:id, :url, 0, :cluster) "
            "ON CONFLICT (id) DO UPDATE SET cluster = excluded.cluster"
        ),
        {"id": article.id, "url": article.url, "cluster": new.cluster},
    )
    connection.execute(
        sa.insert(versions_table).values(
            article_id=article.id,
            version=article.version,
            title=article.title,
            text=article.text,
            published_at=_stamp(article.published_at),
            updated_at=_stamp(article.updated_at),
            ingested_at=now.isoformat(),
            date_only=article.date_only,
            day=day_of(article.published_at),
            publisher=article.publisher,
            publisher_key=publisher_key(article.publisher),
            authors=json.dumps(article.authors),
            language=article.language,
            fingerprint=new.fingerprint,
            signature=new.signature,
        )
    )
    connection.execute(sa.delete(bands_table).where(bands_table.c.article_id == article.id))
    connection.execute(
        sa.insert(bands_table),
        [
            {"band": number, "value": value, "article_id": article.id}
            for number, value in enumerate(new.bands)
        ],
    )
    connection.execute(
        sa.insert(passages_table),
        [
            {
                "article_id": article.id,
                "version": article.version,
                "start": start,
                "end": end,
                "state": PENDING,
                "vector": vector.tobytes(),
            }
            for (start, end), vector in zip(new.spans, new.vectors, strict=True)
        ],
    )


def _shown() -> sa.ColumnElement[bool]:
    return (versions_table.c.article_id == articles_table.c.id) & (
        versions_table.c.version == articles_table.c.version
    )


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    day = versions_table.c.day
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.published_from or filters.published_to:
        conditions.append(day > UNDATED)
    if filters.published_from:
        conditions.append(day >= filters.published_from.toordinal())
    if filters.published_to:
        conditions.append(day <= filters.published_to.toordinal())
    if filters.as_of:
        conditions.append(day <= filters.as_of.toordinal())
    if filters.publishers:
        keys = [publisher_key(publisher) for publisher in filters.publishers]
        conditions.append(versions_table.c.publisher_key.in_(keys))
    if filters.articles:
        conditions.append(versions_table.c.article_id.in_(filters.articles))
    return conditions


def _passage_query(*extra: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(
        passages_table.c.key,
        passages_table.c.article_id,
        passages_table.c.version,
        passages_table.c.start,
        passages_table.c.end,
        articles_table.c.url,
        articles_table.c.cluster,
        versions_table.c.title,
        versions_table.c.publisher,
        versions_table.c.publisher_key,
        versions_table.c.published_at,
        versions_table.c.updated_at,
        versions_table.c.day,
        # SQLite counts characters here, as Python does, so the whole article need not be read.
        sa.func.substr(
            versions_table.c.text,
            passages_table.c.start + 1,
            passages_table.c.end - passages_table.c.start,
        ).label("passage_text"),
        *extra,
    ).select_from(
        passages_table.join(
            versions_table,
            (versions_table.c.article_id == passages_table.c.article_id)
            & (versions_table.c.version == passages_table.c.version),
        ).join(articles_table, articles_table.c.id == passages_table.c.article_id)
    )


def _passage(row: Any) -> Passage:
    return Passage(
        id=f"{row['article_id']}.{row['version']}.{row['start']}",
        article_id=row["article_id"],
        url=row["url"],
        title=row["title"],
        text=row["passage_text"],
        start=row["start"],
        end=row["end"],
        publisher=row["publisher"],
        published_at=_moment(row["published_at"]),
        updated_at=_moment(row["updated_at"]),
        cluster=row["cluster"],
    )


def _stored(row: Any) -> StoredPassage:
    return StoredPassage(
        key=row["key"],
        article_id=row["article_id"],
        title=row["title"],
        text=row["passage_text"],
        publisher=row["publisher"],
        publisher_key=row["publisher_key"],
        published_at=_moment(row["published_at"]),
        day=row["day"],
        vector=np.frombuffer(row["vector"], np.float16),
    )


def _article(row: Any) -> Article:
    return Article(
        url=row["url"],
        title=row["title"],
        text=row["text"],
        published_at=_moment(row["published_at"]),
        updated_at=_moment(row["updated_at"]),
        publisher=row["publisher"],
        authors=tuple(json.loads(row["authors"])),
        language=row["language"],
        date_only=row["date_only"],
        ingested_at=_moment(row["ingested_at"]),
        version=row["version"],
    )


def _stamp(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def _moment(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None


def _chunks(items: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]
