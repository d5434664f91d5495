"""The catalog's tables, in SQLAlchemy Core so that another database can take SQLite's place.

In: nothing. Out: tables and the names of their states. Refuses to know: queries.

States of a passage: `pending` (stored, not yet in both indexes, never shown), `indexed` (in both,
shown), `removing` (to be taken out of both, no longer shown).
"""

from __future__ import annotations

import sqlalchemy as sa

PENDING, INDEXED, REMOVING = "pending", "indexed", "removing"
UNDATED = 0  # the `day` of an article without a date; real days are proleptic ordinals, above 0
SCHEMA_VERSION = "1"

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
    sa.Column("version", sa.Integer, nullable=False),  # the version that is shown; 0: none yet
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
)
