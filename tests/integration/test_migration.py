"""An archive of schema 1, built here statement by statement, opens as one of the present schema."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from assistant.archive import copies
from assistant.archive.schema import SCHEMA_VERSION
from assistant.errors import ArchiveMismatchError
from assistant.types import Article, Filters, article_id
from tests.conftest import article
from tests.integration.conftest import HashEmbedding, open_archive
from tests.integration.test_archive import consistent, found

_SCHEMA_1 = """
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (id TEXT NOT NULL PRIMARY KEY, url TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL, cluster TEXT NOT NULL);
CREATE INDEX ix_articles_cluster ON articles (cluster);
CREATE TABLE versions (article_id TEXT NOT NULL, version INTEGER NOT NULL, title TEXT NOT NULL,
  text TEXT NOT NULL, published_at TEXT, updated_at TEXT, ingested_at TEXT NOT NULL,
  date_only BOOLEAN NOT NULL, day INTEGER NOT NULL, publisher TEXT, publisher_key TEXT NOT NULL,
  authors TEXT NOT NULL, language TEXT, fingerprint TEXT NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY (article_id, version));
CREATE TABLE passages (key INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL,
  version INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, state TEXT NOT NULL,
  vector BLOB NOT NULL);
CREATE INDEX passages_by_state ON passages (state);
CREATE INDEX ix_passages_article_id ON passages (article_id);
CREATE TABLE bands (band INTEGER NOT NULL, value BIGINT NOT NULL, article_id TEXT NOT NULL,
  PRIMARY KEY (band, value, article_id));
INSERT INTO meta VALUES ('uid', '0123456789ab'), ('schema', '1'), ('embedder', 'minilm'),
  ('chunk_tokens', '200');
"""


def _insert(connection: sqlite3.Connection, one: Article, fingerprint: str) -> None:
    mark = copies.signature(one.text)
    assert one.published_at
    connection.execute("INSERT INTO articles VALUES (?, ?, 1, ?)", (one.id, one.url, one.id))
    connection.execute(
        "INSERT INTO versions VALUES (?, 1, ?, ?, ?, NULL, ?, 1, ?, ?, ?, '[]', NULL, ?, ?)",
        (
            one.id, one.title, one.text, one.published_at.isoformat(), "2024-06-01T00:00:00+00:00",
            one.published_at.toordinal(), one.publisher, (one.publisher or "").casefold(),
            fingerprint, copies.to_bytes(mark),
        ),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO bands VALUES (?, ?, ?)",
        [(band, value, one.id) for band, value in enumerate(copies.band_keys(mark))],
    )
    vector = np.asarray(HashEmbedding()._embed(one.text), np.float16)
    connection.execute(
        'INSERT INTO passages (article_id, version, start, "end", state, vector) '
        "VALUES (?, 1, 0, ?, 'indexed', ?)",
        (one.id, len(one.text), vector.tobytes()),
    )


def _archive_of_schema_1(place: Path, articles: list[Article]) -> None:
    place.mkdir()
    connection = sqlite3.connect(place / "catalog.sqlite")
    connection.executescript(_SCHEMA_1)
    for one in articles:
        # The content hash of release 1, written out: what it stored must stay "unchanged".
        import hashlib

        assert one.published_at
        seen = {
            "id": article_id(one.url), "url": one.url, "title": one.title, "text": one.text,
            "publisher": one.publisher, "published_at": one.published_at.date().isoformat(),
            "updated_at": None, "authors": [], "language": None,
        }  # fmt: skip
        mark = hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
        _insert(connection, one, mark)
    connection.commit()
    connection.close()


def test_an_archive_of_schema_1_is_migrated_on_opening(place: Path) -> None:
    articles = [article(n) for n in (1, 2, 3)]
    _archive_of_schema_1(place, articles)
    with open_archive(place) as archive:
        assert archive._catalog.meta("schema") == SCHEMA_VERSION
        consistent(archive, 3)
        assert dict(archive.stats().languages) == {"en": 3}
        english = Filters(languages=("en",))
        assert len(found(archive, "council Marlow", english)["dense"]) == 3
        again = archive.ingest(articles)
        assert (again.unchanged, again.updated) == (3, 0)
        assert archive.ingest([article(1, url="http://www.example.org/1/")]).added == 0
        assert archive.ingest([article(2, text="The tunnel opened to cheers.")]).updated == 1
        consistent_after = found(archive, "tunnel")
        assert consistent_after["lexical"] == {"https://example.org/2"}
    with open_archive(place) as archive:
        assert [one.version for one in archive.versions("https://example.org/2")] == [1, 2]


def test_a_migration_that_was_cut_off_is_finished(place: Path) -> None:
    _archive_of_schema_1(place, [article(1)])
    connection = sqlite3.connect(place / "catalog.sqlite")
    connection.execute("ALTER TABLE articles ADD latest INTEGER NOT NULL DEFAULT '0'")
    connection.commit()
    connection.close()
    with open_archive(place) as archive:
        consistent(archive, 1)


def test_an_archive_of_a_newer_release_is_left_alone(place: Path) -> None:
    _archive_of_schema_1(place, [article(1)])
    connection = sqlite3.connect(place / "catalog.sqlite")
    connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.commit()
    connection.close()
    with pytest.raises(ArchiveMismatchError, match="schema 99"):
        open_archive(place)
