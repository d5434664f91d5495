"""Reading the catalog: articles, passages and counts, by id, by name, by filter, by state.

In: ids, names, filters. Out: values. Refuses to know: how any of it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.archive.identity import publisher_key, url_name
from assistant.archive.rows import (
    StoredPassage,
    article_of,
    chunks,
    conditions,
    latest,
    passage_of,
    passage_query,
    passage_version,
    shown,
    stored_of,
    utc_stamp,
)
from assistant.archive.schema import (
    HELD,
    INDEXED,
    NO_VERSION,
    UNDATED,
    articles_table,
    names_table,
    passages_table,
    settings_table,
    sources_table,
    versions_table,
)
from assistant.types import Article, Filters, Passage


@dataclass(slots=True)
class History:
    """What is stored of one article: content hash by version number, and which is the newest."""

    url: str
    latest: int
    fingerprints: dict[int, str] = field(default_factory=dict)

    @property
    def next_version(self) -> int:
        """The number that another version would get."""
        return max(self.fingerprints, default=0) + 1


class Lookup:
    """The reading half of the catalog. Several threads may read."""

    _engine: Engine

    def meta(self, name: str) -> str | None:
        """A named value that belongs to the archive (its embedder, say)."""
        with self._engine.connect() as connection:
            query = sa.select(settings_table.c.value).where(settings_table.c.name == name)
            return connection.execute(query).scalar()

    # -- what is known of an article --------------------------------------------------------

    def named(self, names: Sequence[str]) -> dict[str, str]:
        """Article ids by the names (identity.py) they are known by; unknown ones are left out."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for chunk in chunks(names):
                query = sa.select(names_table).where(names_table.c.name.in_(chunk))
                found |= {row.name: row.article_id for row in connection.execute(query)}
        return found

    def histories(self, article_ids: Sequence[str]) -> dict[str, History]:
        """What is stored of these articles, by id."""
        found: dict[str, History] = {}
        query = sa.select(
            articles_table.c.id,
            articles_table.c.url,
            articles_table.c.latest,
            versions_table.c.version,
            versions_table.c.fingerprint,
        ).join(versions_table, versions_table.c.article_id == articles_table.c.id)
        with self._engine.connect() as connection:
            for chunk in chunks(article_ids):
                for row in connection.execute(query.where(articles_table.c.id.in_(chunk))):
                    mine = found.setdefault(row.id, History(row.url, row.latest))
                    mine.fingerprints[row.version] = row.fingerprint
        return found

    def newest(self, article_id: str) -> tuple[Article, int] | None:
        """The newest version, shown or not, and the number its source gave that version."""
        query = (
            sa.select(articles_table.c.url, versions_table)
            .join(versions_table, latest())
            .where(articles_table.c.id == article_id)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return (article_of(row), row["source_version"]) if row else None

    def cut(
        self, article_id: str, version: int
    ) -> tuple[list[tuple[int, int]], npt.NDArray[np.float16]]:
        """Spans and vectors [len(spans), dimension] of a version that is shown or held."""
        query = (
            sa.select(passages_table.c.start, passages_table.c.end, passages_table.c.vector)
            .where(
                passages_table.c.article_id == article_id,
                passages_table.c.version == version,
                passages_table.c.state.in_((INDEXED, HELD)),
            )
            .order_by(passages_table.c.start)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        vectors = [np.frombuffer(row.vector, np.float16) for row in rows]
        return [(row.start, row.end) for row in rows], np.stack(vectors)

    def known_sources(self, article_ids: Sequence[str]) -> set[tuple[str, str]]:
        """(path, article id) for every file that these articles were read from."""
        found: set[tuple[str, str]] = set()
        with self._engine.connect() as connection:
            for chunk in chunks(article_ids):
                query = sa.select(sources_table).where(sources_table.c.article_id.in_(chunk))
                found |= {(row.path, row.article_id) for row in connection.execute(query)}
        return found

    def sources_below(self, folder: str) -> list[tuple[str, str]]:
        """(path, article id) for every article that was read from a file in the folder."""
        prefix = folder.rstrip("/") + "/"
        # The character after "/" ends the range: an index scan, and no wildcard to escape.
        query = sa.select(sources_table).where(
            sources_table.c.path >= prefix, sources_table.c.path < prefix[:-1] + "0"
        )
        with self._engine.connect() as connection:
            return [(row.path, row.article_id) for row in connection.execute(query)]

    # -- articles ---------------------------------------------------------------------------

    def article(
        self, id_or_url: str, version: int | None = None, now: datetime | None = None
    ) -> Article | None:
        """The shown version of an article (or the one named), by id or url; None without one.

        `now` hides a named version that is under embargo then.
        """
        which = articles_table.c.version if version is None else version
        query = (
            sa.select(articles_table.c.url, versions_table)
            .join(
                versions_table,
                (versions_table.c.article_id == articles_table.c.id)
                & (versions_table.c.version == which),
            )
            .where(
                articles_table.c.id == self._id_query(id_or_url),
                articles_table.c.version > NO_VERSION,
                *_released(now),
            )
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return article_of(row) if row else None

    def versions(self, id_or_url: str, now: datetime | None = None) -> list[Article]:
        """All stored versions that may be shown, by number."""
        query = (
            sa.select(articles_table.c.url, versions_table)
            .join(versions_table, versions_table.c.article_id == articles_table.c.id)
            .where(
                articles_table.c.id == self._id_query(id_or_url),
                articles_table.c.version > NO_VERSION,
                *_released(now),
            )
            .order_by(versions_table.c.version)
        )
        with self._engine.connect() as connection:
            return [article_of(row) for row in connection.execute(query).mappings()]

    def _id_query(self, id_or_url: str) -> sa.ScalarSelect[str]:
        """The id itself, the article of that very url, or the one known by the url's name."""
        exact = sa.select(articles_table.c.id, sa.literal(0).label("rank")).where(
            (articles_table.c.id == id_or_url) | (articles_table.c.url == id_or_url)
        )
        named = sa.select(names_table.c.article_id, sa.literal(1)).where(
            names_table.c.name == url_name(id_or_url)
        )
        both = sa.union_all(exact, named).subquery()
        return sa.select(both.c.id).order_by(both.c.rank).limit(1).scalar_subquery()

    def article_id(self, id_or_url: str) -> str | None:
        """The id of a stored article, held ones included; None where it is unknown."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(self._id_query(id_or_url))).scalar()

    def select(self, publishers: Sequence[str], before: date | None) -> list[str]:
        """Ids of all articles, held ones included, of these publishers and from before that day.

        An undated article is from before no day.
        """
        query = sa.select(articles_table.c.id).join(versions_table, latest())
        if publishers:
            keys = [publisher_key(publisher) for publisher in publishers]
            query = query.where(versions_table.c.publisher_key.in_(keys))
        if before:
            day = versions_table.c.day
            query = query.where(day > UNDATED, day < before.toordinal())
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(articles_table.c.id)).scalars())

    def clusters(self, article_ids: Iterable[str]) -> dict[str, list[Article]]:
        """The shown articles of each cluster that holds one of `article_ids` and one more."""
        mine = sa.select(articles_table.c.cluster).where(articles_table.c.id.in_(list(article_ids)))
        query = (
            sa.select(articles_table.c.url, articles_table.c.cluster, versions_table)
            .join(versions_table, shown())
            .where(articles_table.c.cluster.in_(mine))
        )
        groups: dict[str, list[Article]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                groups.setdefault(row["cluster"], []).append(article_of(row))
        return {name: group for name, group in groups.items() if len(group) > 1}

    # -- passages ---------------------------------------------------------------------------

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
        result: list[StoredPassage] = []
        with self._engine.connect() as connection:
            for chunk in chunks(keys):
                query = passage_query(passages_table.c.vector).where(
                    passages_table.c.key.in_(chunk)
                )
                result += [stored_of(row) for row in connection.execute(query).mappings()]
        return result

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Shown passages by key; keys that are not shown are left out."""
        found: dict[int, Passage] = {}
        with self._engine.connect() as connection:
            for chunk in chunks(keys):
                query = passage_query().where(
                    passages_table.c.key.in_(chunk), passages_table.c.state == INDEXED
                )
                for row in connection.execute(query).mappings():
                    found[row["key"]] = passage_of(row)
        return found

    def vectors(self, keys: Sequence[int]) -> dict[int, npt.NDArray[np.float16]]:
        """Vectors by key."""
        found: dict[int, npt.NDArray[np.float16]] = {}
        with self._engine.connect() as connection:
            for chunk in chunks(keys):
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
            .join(versions_table, passage_version())
            .where(passages_table.c.state == INDEXED, *conditions(filters))
            .limit(at_most + 1)
        )
        with self._engine.connect() as connection:
            keys = list(connection.execute(query).scalars())
        return keys if len(keys) <= at_most else None

    def next_release(self) -> datetime | None:
        """When the first embargo ends; None where nothing is held."""
        query = (
            sa.select(sa.func.min(versions_table.c.embargoed_until))
            .select_from(passages_table)
            .join(versions_table, passage_version())
            .where(passages_table.c.state == HELD)
        )
        with self._engine.connect() as connection:
            stamp = connection.execute(query).scalar()
        return datetime.fromisoformat(stamp) if stamp else None

    # -- counts -----------------------------------------------------------------------------

    def articles(self, offset: int, limit: int, publisher: str | None) -> tuple[list[Article], int]:
        """Shown articles without their texts, newest day first, then by id; and their number."""
        wanted: list[sa.ColumnElement[bool]] = [articles_table.c.version > NO_VERSION]
        if publisher is not None:
            wanted.append(versions_table.c.publisher_key == publisher_key(publisher))
        columns = [column for column in versions_table.c if column is not versions_table.c.text]
        query = (
            sa.select(articles_table.c.url, sa.literal("").label("text"), *columns)
            .join(articles_table, shown())
            .where(*wanted)
            .order_by(versions_table.c.day.desc(), versions_table.c.article_id)
            .offset(offset)
            .limit(limit)
        )
        count = (
            sa.select(sa.func.count())
            .select_from(versions_table)
            .join(articles_table, shown())
            .where(*wanted)
        )
        with self._engine.connect() as connection:
            page = [article_of(row) for row in connection.execute(query).mappings()]
            return page, connection.execute(count).scalar_one()

    def publishers(self) -> list[tuple[str, int]]:
        """Publishers with their number of shown articles, most first."""
        query = (
            sa.select(sa.func.min(versions_table.c.publisher), sa.func.count().label("n"))
            .join(articles_table, shown())
            .where(versions_table.c.publisher_key != "")
            .group_by(versions_table.c.publisher_key)
            .order_by(sa.desc("n"), versions_table.c.publisher_key)
        )
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def languages(self) -> list[tuple[str, int]]:
        """Languages with their number of shown articles, most first; the unknown left out."""
        query = (
            sa.select(versions_table.c.language, sa.func.count().label("n"))
            .join(articles_table, shown())
            .where(versions_table.c.language.is_not(None))
            .group_by(versions_table.c.language)
            .order_by(sa.desc("n"), versions_table.c.language)
        )
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def days(self) -> tuple[int, int] | None:
        """Ordinals of the oldest and newest dated article; None where none is dated."""
        query = (
            sa.select(sa.func.min(versions_table.c.day), sa.func.max(versions_table.c.day))
            .join(articles_table, shown())
            .where(versions_table.c.day > UNDATED)
        )
        with self._engine.connect() as connection:
            oldest, newest = connection.execute(query).one()
        return (oldest, newest) if oldest else None

    def counts(self) -> dict[str, int]:
        """Numbers of shown articles and passages, undated and held articles, clusters of copies."""
        articles = (
            sa.select(sa.func.count())
            .select_from(articles_table)
            .where(articles_table.c.version > NO_VERSION)
        )
        passages = sa.select(sa.func.count()).where(passages_table.c.state == INDEXED)
        undated = (
            sa.select(sa.func.count())
            .select_from(versions_table)
            .join(articles_table, shown())
            .where(versions_table.c.day == UNDATED)
        )
        held = sa.select(sa.func.count(sa.distinct(passages_table.c.article_id))).where(
            passages_table.c.state == HELD
        )
        groups = (
            sa.select(articles_table.c.cluster)
            .where(articles_table.c.version > NO_VERSION)
            .group_by(articles_table.c.cluster)
            .having(sa.func.count() > 1)
        )
        wanted = {
            "articles": articles,
            "passages": passages,
            "undated": undated,
            "held": held,
            "clusters": sa.select(sa.func.count()).select_from(groups.subquery()),
        }
        with self._engine.connect() as connection:
            return {name: connection.execute(query).scalar_one() for name, query in wanted.items()}

    def content_hash_material(self) -> list[tuple[str, str]]:
        """(article id, content hash) of every shown article, sorted: what the archive holds."""
        query = (
            sa.select(versions_table.c.article_id, versions_table.c.fingerprint)
            .join(articles_table, shown())
            .order_by(versions_table.c.article_id)
        )
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]


def _released(now: datetime | None) -> list[sa.ColumnElement[bool]]:
    if now is None:
        return []
    until = versions_table.c.embargoed_until
    return [until.is_(None) | (until <= utc_stamp(now))]
