"""What is known of each feed and each of its items, kept on disk between rounds and restarts.

In: feeds as they were read, outcomes of items. Out: what is due. Refuses to know: the web and
articles.

An item is written down, with what its feed says of it, in the same transaction as the feed's ETag;
it is marked as taken only after the archive has it. So a kill at any moment loses nothing: what was
not marked is due again, and taking an item twice changes nothing. Moments are seconds since 1970.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assistant.errors import ArchiveDamagedError, ArchiveWriteError
from assistant.feeds.entries import Entry, Feed
from assistant.feeds.records import (
    GIVEN_UP,
    PENDING,
    SCHEMA,
    TAKEN,
    Due,
    FeedRecord,
    feed_backoff_s,
    item_backoff_s,
)

_KEPT_S = 90 * 86_400.0  # what has rolled off its feed is forgotten here after so long


class FeedState:
    """One SQLite file; a context manager."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises ArchiveDamagedError or ArchiveWriteError."""
        self._path = path
        with self._said_clearly():
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.executescript(SCHEMA)

    def __enter__(self) -> FeedState:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @contextmanager
    def _said_clearly(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise ArchiveWriteError(
                f"{self._path} cannot be written ({error}). Make its folder writable or free some "
                "disk space, and run the same command again."
            ) from error
        except sqlite3.DatabaseError as error:
            raise ArchiveDamagedError(
                f"{self._path} is damaged ({error}). Delete it: the feeds are then asked anew, and "
                "the archive keeps what it has."
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self._said_clearly():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    # -- feeds ------------------------------------------------------------------------------

    def feed(self, url: str) -> FeedRecord:
        """What is known of a feed; an empty record of a new one."""
        with self._said_clearly():
            row = self._database.execute(
                "SELECT etag, modified, children, failures, next_at, reason FROM feeds WHERE url=?",
                (url,),
            ).fetchone()
        if row is None:
            return FeedRecord()
        return FeedRecord(row[0], row[1], tuple(json.loads(row[2])), *row[3:])

    def feed_read(self, url: str, feed: Feed, *, etag: str | None, modified: str | None) -> int:
        """Write down what a feed says; returns how many of its items are new or changed."""
        with self._writing() as database:
            database.execute("UPDATE items SET listed = 0 WHERE feed = ?", (url,))
            changed = sum(_list_entry(database, url, entry) for entry in feed.entries)
            database.execute(
                "INSERT OR REPLACE INTO feeds (url, etag, modified, children) VALUES (?, ?, ?, ?)",
                (url, etag, modified, json.dumps(feed.children)),
            )
        return changed

    def feed_unchanged(self, url: str) -> None:
        """The feed says what it said before."""
        with self._writing() as database:
            database.execute(
                "UPDATE feeds SET failures = 0, next_at = 0, reason = NULL WHERE url = ?", (url,)
            )

    def feed_failed(self, url: str, reason: str, now: float, not_before: float = 0.0) -> None:
        """The feed could not be had; it is asked again later, and later still the next time."""
        failures = self.feed(url).failures + 1
        next_at = max(not_before, now + feed_backoff_s(failures))
        with self._writing() as database:
            database.execute("INSERT OR IGNORE INTO feeds (url) VALUES (?)", (url,))
            database.execute(
                "UPDATE feeds SET failures = ?, next_at = ?, reason = ? WHERE url = ?",
                (failures, next_at, reason, url),
            )

    # -- items ------------------------------------------------------------------------------

    def due(self, feeds: Sequence[str], now: float, recheck_s: float) -> list[Due]:
        """Items whose turn has come, each page once, new ones first and in their feed's order.

        Those are the ones not taken yet, and those taken that their feed still lists and that were
        last looked at `recheck_s` ago.
        """
        with self._said_clearly():
            rows = self._database.execute(
                """
                SELECT feed, entry, attempts, state, from_feed, etag, modified FROM items
                WHERE feed IN (SELECT value FROM json_each(?)) AND (
                    (state = ? AND next_at <= ?)
                    OR (state = ? AND listed AND on_page AND checked_at <= ?)
                )
                ORDER BY state = ?, rowid
                """,
                (json.dumps(feeds), PENDING, now, TAKEN, now - recheck_s, TAKEN),
            ).fetchall()
        by_url: dict[str, Due] = {}
        for feed, text, attempts, state, from_feed, etag, modified in rows:
            entry = Entry.from_text(text)
            known = state == TAKEN
            one = Due(feed, entry, attempts, known, bool(from_feed), etag, modified)
            by_url.setdefault(entry.url, one)
        return list(by_url.values())

    def taken(self, items: Iterable[tuple[Due, bool, str | None, str | None]], now: float) -> None:
        """The archive has these items: (item, whether from the feed's content, etag, modified)."""
        with self._writing() as database:
            for due, from_feed, etag, modified in items:
                url = due.entry.url
                # The content, which may be the whole article, need not be kept twice.
                spare = replace(due.entry, content="").to_text()
                database.execute(
                    "UPDATE items SET entry = ? WHERE feed = ? AND url = ?", (spare, due.feed, url)
                )
                database.execute(
                    "UPDATE items SET state = ?, attempts = 0, next_at = 0, reason = NULL, "
                    "etag = ?, modified = ?, checked_at = ?, from_feed = ? WHERE url = ?",
                    (TAKEN, etag, modified, now, from_feed, url),
                )

    def failed(
        self, due: Due, reason: str, now: float, *, most_attempts: int, not_before: float = 0.0
    ) -> None:
        """The item could not be taken; it comes again later, until it has been tried so often."""
        attempts = due.attempts + 1
        state = GIVEN_UP if attempts >= most_attempts else PENDING
        next_at = max(not_before, now + item_backoff_s(attempts))
        with self._writing() as database:
            database.execute(
                "UPDATE items SET state = ?, attempts = ?, next_at = ?, reason = ?, checked_at = ? "
                "WHERE url = ?",
                (state, attempts, next_at, reason, now, due.entry.url),
            )

    def checked(self, due: Due, now: float) -> None:
        """A look for changes of an item that the archive has found nothing, or could not be had."""
        with self._writing() as database:
            database.execute(
                "UPDATE items SET state = ?, checked_at = ? WHERE url = ?",
                (TAKEN, now, due.entry.url),
            )

    def forget_old(self, now: float) -> None:
        """Drop the notes on items that left their feed long ago; their articles stay."""
        with self._writing() as database:
            database.execute(
                "DELETE FROM items WHERE NOT listed AND state != ? AND checked_at < ?",
                (PENDING, now - _KEPT_S),
            )


def _list_entry(database: sqlite3.Connection, feed: str, entry: Entry) -> bool:
    """Write down one entry that the feed lists now; returns whether there is something to take."""
    mine = (feed, entry.url)
    row = database.execute(
        "SELECT mark, state FROM items WHERE feed = ? AND url = ?", mine
    ).fetchone()
    if row is None:
        # Another feed has brought the same page: there is nothing to take again.
        other = database.execute(
            "SELECT checked_at FROM items WHERE url = ? AND state = ?", (entry.url, TAKEN)
        ).fetchone()
        database.execute(
            "INSERT INTO items (feed, url, mark, entry, on_page, listed, state, checked_at) "
            "VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
            (
                *mine,
                entry.mark,
                (replace(entry, content="") if other else entry).to_text(),
                entry.on_page,
                TAKEN if other else PENDING,
                other[0] if other else 0.0,
            ),
        )
        return other is None
    mark, state = row
    if mark == entry.mark:
        database.execute("UPDATE items SET listed = 1 WHERE feed = ? AND url = ?", mine)
        return False
    # What keeps failing keeps its count: else an item that is new at every look is tried for ever.
    fresh = "" if state == PENDING else ", attempts = 0, next_at = 0"
    database.execute(
        f"UPDATE items SET listed = 1, mark = ?, entry = ?, state = ?{fresh} "
        "WHERE feed = ? AND url = ?",
        (entry.mark, entry.to_text(), PENDING, *mine),
    )
    return True
