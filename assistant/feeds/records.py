"""What is written down of feeds and items, and how long to wait after a failure.

In: nothing. Out: frozen values, the tables of the state file. Refuses to know: queries.

States of an item: `pending` (to be taken), `taken` (the archive has it), `given up` (tried often
enough, until its feed says that it changed).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assistant.feeds.entries import Entry

PENDING, TAKEN, GIVEN_UP = "pending", "taken", "given up"
_DAY_S = 86_400.0
_FEED_BACKOFF_S, _FEED_FACTOR = 60.0, 2.0
# 15 minutes, 1, 4 and 16 hours: five tries last over an outage of a night.
_ITEM_BACKOFF_S, _ITEM_FACTOR = 900.0, 4.0
_MOST_STEPS = 20  # far past a day; keeps the power small
SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    url TEXT PRIMARY KEY, etag TEXT, modified TEXT, children TEXT NOT NULL DEFAULT '[]',
    failures INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, reason TEXT
);
CREATE TABLE IF NOT EXISTS items (
    feed TEXT NOT NULL, url TEXT NOT NULL, mark TEXT NOT NULL, entry TEXT NOT NULL,
    on_page INTEGER NOT NULL, listed INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, reason TEXT,
    etag TEXT, modified TEXT, checked_at REAL NOT NULL DEFAULT 0,
    from_feed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (feed, url)
);
CREATE INDEX IF NOT EXISTS items_by_url ON items (url);
"""


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed as it was last met; `next_at`: not to be asked before."""

    etag: str | None = None
    modified: str | None = None
    children: tuple[str, ...] = ()
    failures: int = 0
    next_at: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """An item whose turn has come. `known`: the archive has it, this only looks for changes.

    `from_feed`: what the archive has of it came out of this feed's own content, not its page.
    """

    feed: str
    entry: Entry
    attempts: int
    known: bool
    from_feed: bool
    etag: str | None
    modified: str | None


def feed_backoff_s(failures: int) -> float:
    """A minute after a feed's first failure, then twice as long each time, a day at most."""
    return min(_FEED_BACKOFF_S * math.pow(_FEED_FACTOR, min(failures - 1, _MOST_STEPS)), _DAY_S)


def item_backoff_s(attempts: int) -> float:
    """A quarter of an hour after an item's first failure, then four times that, a day at most."""
    return min(_ITEM_BACKOFF_S * math.pow(_ITEM_FACTOR, min(attempts - 1, _MOST_STEPS)), _DAY_S)
