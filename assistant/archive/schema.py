"""The catalog's tables, in SQLAlchemy Core so that another database can take SQLite's place.

In: nothing. Out: tables and the names of their states. Refuses to know: queries.

States of a passage: `pending` (stored, not yet in both indexes, never shown), `indexed` (in both,
shown), `held` (under embargo: stored, in no index, never shown before its time), `removing` (to be
taken out of both, no longer shown).
"""

from __future__ import annotations

import sqlalchemy as sa

PENDING, INDEXED, HELD, REMOVING = "pending", "indexed", "held", "removing"
UNDATED = 0  # the `day` of an article without a date; real days are proleptic ordinals, above 0
NO_VERSION, TAKEN_OUT = 0, -1  # `articles.version` of what is not shown yet, and never again
ELSEWHERE = ""  # the `path` of an article that did not come from a file
SCHEMA_VERSION = "2"

metadata = sa.MetaData()

settings_table = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
articles_table = sa.Table(
    "articles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("version", sa.Integer, nullable=False),  # the version that is shown, or NO_VERSION
    sa.Column("latest", sa.Integer, nullable=False, server_default="0"),  # shown, pending or held
    sa.Column("cluster", sa.Text, nullable=False, index=True),
)
versions_table = sa.Table(
    "versions",
    metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("published_at", sa.Text),
    sa.Column("updated_at", sa.Text),
    sa.Column("ingested_at", sa.Text, nullable=False),
    sa.Column("date_only", sa.Boolean, nullable=False),
    sa.Column("day", sa.Integer, nullable=False, index=True),
    sa.Column("publisher", sa.Text),
    sa.Column("publisher_key", sa.Text, nullable=False, index=True),
    sa.Column("authors", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    # Since schema 2; an older archive gets them on opening (migrate.py).
    sa.Column("source_id", sa.Text),
    sa.Column("source_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("embargoed_until", sa.Text),  # in UTC, so that text order is order in time
    sa.Column("correction", sa.Text),
    sa.Column("usage_terms", sa.Text),
    sa.Column("page_starts", sa.Text, nullable=False, server_default="[]"),
)
passages_table = sa.Table(
    "passages",
    metadata,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("article_id", sa.Text, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Index("passages_by_state", "state"),
    sqlite_autoincrement=True,  # a key is never given twice, so a stale index row cannot mislead
)
bands_table = sa.Table(
    "bands",
    metadata,
    sa.Column("band", sa.Integer, primary_key=True),
    sa.Column("value", sa.BigInteger, primary_key=True),
    sa.Column("article_id", sa.Text, primary_key=True),
    sa.Index("bands_by_article", "article_id"),
)
# What an article is known by: the urls and the source ids that it was met under (identity.py).
names_table = sa.Table(
    "names",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("article_id", sa.Text, nullable=False, index=True),
)
# The files that an article was read from; ELSEWHERE for what came another way.
sources_table = sa.Table(
    "sources",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("article_id", sa.Text, primary_key=True),
    sa.Index("sources_by_article", "article_id"),
)
