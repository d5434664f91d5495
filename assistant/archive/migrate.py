"""Bring the catalog of an older release to the present schema.

In: an open transaction on a catalog. Out: the same catalog with everything the present schema
needs, its articles untouched. Refuses to know: indexes; the archive rebuilds them afterwards.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assistant.archive import clusters
from assistant.archive.identity import url_name
from assistant.archive.languages import detect_language, language_code
from assistant.archive.schema import (
    ELSEWHERE,
    SCHEMA_VERSION,
    TAKEN_OUT,
    articles_table,
    bands_table,
    metadata,
    names_table,
    sources_table,
    versions_table,
)
from assistant.errors import ArchiveMismatchError

_FIRST = "1"
_ADDED = (articles_table.c.latest, *(
    versions_table.c[name]
    for name in (
        "source_id", "source_version", "embargoed_until", "correction", "usage_terms",
        "page_starts",
    )
))  # fmt: skip


def migrate(connection: Connection, path: Path) -> None:
    """Do nothing on a new or a present catalog; bring one of schema 1 to schema 2.

    Raises ArchiveMismatchError for a catalog of a release that is newer than this one.
    """
    if not sa.inspect(connection).has_table("meta"):
        return
    found = connection.execute(sa.text("SELECT value FROM meta WHERE name = 'schema'")).scalar()
    if found in (None, SCHEMA_VERSION):
        return
    if found != _FIRST:
        raise ArchiveMismatchError(
            f"The catalog {path} has schema {found}, this release reads {SCHEMA_VERSION}. Use the "
            "release that made it, or ingest the articles again into another folder with --archive."
        )
    inspector = sa.inspect(connection)
    for column in _ADDED:
        # SQLite commits a new column at once: a migration that was cut off finds some there.
        if column.name in {one["name"] for one in inspector.get_columns(column.table.name)}:
            continue
        kind = column.type.compile(connection.dialect)
        default = column.server_default
        rest = f" NOT NULL DEFAULT '{default.arg}'" if isinstance(default, sa.DefaultClause) else ""
        connection.exec_driver_sql(
            f"ALTER TABLE {column.table.name} ADD {column.name} {kind}{rest}"
        )
    metadata.create_all(connection)  # the tables that are new
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.create(connection, checkfirst=True)
    _fill(connection)
    connection.execute(sa.text("UPDATE meta SET value = :now WHERE name = 'schema'"),
                       {"now": SCHEMA_VERSION})  # fmt: skip


def _fill(connection: Connection) -> None:
    """What the new columns and tables say of the articles that are there."""
    newest = (
        sa.select(sa.func.max(versions_table.c.version))
        .where(versions_table.c.article_id == articles_table.c.id)
        .scalar_subquery()
    )
    connection.execute(sa.update(articles_table).values(latest=newest))
    ids = []
    kept = sa.select(articles_table.c.id).where(articles_table.c.version != TAKEN_OUT)
    connection.execute(sa.delete(bands_table).where(bands_table.c.article_id.not_in(kept)))
    for row in connection.execute(kept.add_columns(articles_table.c.url)).all():
        ids.append(row.id)
        connection.execute(
            sa.insert(names_table).prefix_with("OR IGNORE"),
            {"name": url_name(row.url), "article_id": row.id},
        )
        connection.execute(sa.insert(sources_table), {"path": ELSEWHERE, "article_id": row.id})
        _name_language(connection, row.id)
    clusters.regroup(connection, ids)


def _name_language(connection: Connection, article_id: str) -> None:
    query = sa.select(
        versions_table.c.version, versions_table.c.language, versions_table.c.text
    ).where(versions_table.c.article_id == article_id)
    for row in connection.execute(query).all():
        connection.execute(
            sa.update(versions_table)
            .where(
                versions_table.c.article_id == article_id, versions_table.c.version == row.version
            )
            .values(language=language_code(row.language) or detect_language(row.text))
        )
