"""Between the catalog's rows and the values that others pass around.

In: rows, articles, filters. Out: Articles, Passages, StoredPassages; column values; conditions.
Refuses to know: connections, transactions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from assistant.archive.identity import publisher_key
from assistant.archive.schema import (
    UNDATED,
    articles_table,
    passages_table,
    versions_table,
)
from assistant.types import Article, Filters, Passage

_T = TypeVar("_T")
_CHUNK = 500  # SQLite takes 999 parameters in a statement where it is old, more where it is not


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
    language: str | None
    vector: npt.NDArray[np.float16]


def day_of(when: datetime | None) -> int:
    """The day of a moment, in the moment's own timezone, as an ordinal; UNDATED without one."""
    return when.date().toordinal() if when else UNDATED


def version_values(article: Article) -> dict[str, Any]:
    """The columns of `versions` that an article itself fills."""
    return {
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "text": article.text,
        "published_at": _stamp(article.published_at),
        "updated_at": _stamp(article.updated_at),
        "date_only": article.date_only,
        "day": day_of(article.published_at),
        "publisher": article.publisher,
        "publisher_key": publisher_key(article.publisher),
        "authors": json.dumps(article.authors),
        "language": article.language,
        "source_id": article.source_id,
        "embargoed_until": utc_stamp(article.embargoed_until) if article.embargoed_until else None,
        "correction": article.correction,
        "usage_terms": article.usage_terms,
        "page_starts": json.dumps(article.page_starts),
    }


def article_of(row: Any) -> Article:
    """The article of a row of `versions` with its `url`."""
    return Article(
        url=row["url"],
        title=row["title"],
        text=row["text"],
        published_at=_moment(row["published_at"]),
        updated_at=_moment(row["updated_at"]),
        publisher=row["publisher"],
        authors=tuple(json.loads(row["authors"])),
        language=row["language"],
        source_id=row["source_id"],
        embargoed_until=_moment(row["embargoed_until"]),
        correction=row["correction"],
        usage_terms=row["usage_terms"],
        page_starts=tuple(json.loads(row["page_starts"])),
        date_only=row["date_only"],
        ingested_at=_moment(row["ingested_at"]),
        version=row["version"],
    )


def passage_query(*extra: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Rows for `passage_of` and, with the vector as an extra column, for `stored_of`."""
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
        versions_table.c.language,
        # SQLite counts characters here, as Python does, so the whole article need not be read.
        sa.func.substr(
            versions_table.c.text,
            passages_table.c.start + 1,
            passages_table.c.end - passages_table.c.start,
        ).label("passage_text"),
        *extra,
    ).select_from(
        passages_table.join(versions_table, passage_version()).join(
            articles_table, articles_table.c.id == passages_table.c.article_id
        )
    )


def passage_of(row: Any) -> Passage:
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


def stored_of(row: Any) -> StoredPassage:
    return StoredPassage(
        key=row["key"],
        article_id=row["article_id"],
        title=row["title"],
        text=row["passage_text"],
        publisher=row["publisher"],
        publisher_key=row["publisher_key"],
        published_at=_moment(row["published_at"]),
        day=row["day"],
        language=row["language"],
        vector=np.frombuffer(row["vector"], np.float16),
    )


def passage_version() -> sa.ColumnElement[bool]:
    """Joins a passage to the version that it is cut from."""
    return (versions_table.c.article_id == passages_table.c.article_id) & (
        versions_table.c.version == passages_table.c.version
    )


def shown() -> sa.ColumnElement[bool]:
    """Joins an article to its shown version; articles without one drop out."""
    return (versions_table.c.article_id == articles_table.c.id) & (
        versions_table.c.version == articles_table.c.version
    )


def latest() -> sa.ColumnElement[bool]:
    """Joins an article to its newest version, be it shown, pending or held."""
    return (versions_table.c.article_id == articles_table.c.id) & (
        versions_table.c.version == articles_table.c.latest
    )


def conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """The filters on a row of `versions`."""
    day = versions_table.c.day
    limits: list[sa.ColumnElement[bool]] = []
    if filters.published_from or filters.published_to:
        limits.append(day > UNDATED)
    if filters.published_from:
        limits.append(day >= filters.published_from.toordinal())
    if filters.published_to:
        limits.append(day <= filters.published_to.toordinal())
    if filters.as_of:
        limits.append(day <= filters.as_of.toordinal())
    if filters.publishers:
        keys = [publisher_key(publisher) for publisher in filters.publishers]
        limits.append(versions_table.c.publisher_key.in_(keys))
    if filters.articles:
        limits.append(versions_table.c.article_id.in_(filters.articles))
    if filters.languages:
        limits.append(versions_table.c.language.in_(filters.languages))
    return limits


def utc_stamp(when: datetime) -> str:
    """A moment as text whose order is the order in time."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def chunks(items: Sequence[_T], size: int = _CHUNK) -> Iterator[Sequence[_T]]:
    """The items in runs that fit one statement's parameters."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def _stamp(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def _moment(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None
