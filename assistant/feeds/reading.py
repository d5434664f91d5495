"""Ask feeds what they list, and write it down.

In: addresses, a Fetcher, the state. Out: the addresses that were read, with those that sitemap
indexes name; what could not be read is listed in the Round. Refuses to know: items, articles.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from assistant.feeds.entries import Feed, FeedError
from assistant.feeds.errors import FetchError
from assistant.feeds.fetch import Fetcher
from assistant.feeds.parse import parse_feed
from assistant.feeds.responses import Fetched
from assistant.feeds.rounds import Round
from assistant.feeds.state import FeedState

# A feed lists what is new; what lists more (a sitemap of a whole site) is followed at its newest.
MOST_ITEMS = 1_000


async def read_feeds(
    feeds: Sequence[str], fetcher: Fetcher, state: FeedState, done: Round, most_bytes: int
) -> list[str]:
    """Ask the feeds, and then those that they name; returns all their addresses."""

    async def read(urls: Sequence[str], *, obey_robots: bool) -> None:
        await asyncio.gather(
            *(_read(url, fetcher, state, done, most_bytes, obey_robots) for url in urls)
        )

    # The operator asked for these by name; what a site names further is for its robots.txt.
    await read(feeds, obey_robots=False)
    named = [child for url in feeds for child in state.feed(url).children]
    children = [url for url in dict.fromkeys(named) if url not in feeds]
    await read(children, obey_robots=True)
    return [*feeds, *children]


async def _read(
    url: str, fetcher: Fetcher, state: FeedState, done: Round, most_bytes: int, obey_robots: bool
) -> None:
    record, now = state.feed(url), time.time()
    if record.next_at > now:
        then = datetime.fromtimestamp(record.next_at, UTC).isoformat(timespec="seconds")
        done.reject(url, f"{record.reason} Not asked again before {then}.")
        return
    done.feeds += 1
    try:
        fetched = await fetcher.get(
            url, etag=record.etag, modified=record.modified, obey_robots=obey_robots
        )
        if fetched.unchanged:
            done.feeds_unchanged += 1
            state.feed_unchanged(url)
            return
        kind = fetched.content_type
        kind += f"; charset={fetched.charset}" if fetched.charset else ""
        feed = parse_feed(fetched.body, fetched.url, content_type=kind, max_bytes=most_bytes)
    except (FetchError, FeedError) as error:
        pause_s = (error.retry_after_s or 0.0) if isinstance(error, FetchError) else 0.0
        state.feed_failed(url, str(error), now, now + pause_s)
        done.reject(url, str(error))
        return
    _write_down(url, feed, fetched, state, done)


def _write_down(url: str, feed: Feed, fetched: Fetched, state: FeedState, done: Round) -> None:
    for reason in feed.skipped:
        done.reject(url, reason)
    listed = len(feed.entries)
    if listed > MOST_ITEMS:
        done.reject(url, f"It lists {listed:,} items; the newest {MOST_ITEMS:,} are followed.")
    state.feed_read(url, feed.newest(MOST_ITEMS), etag=fetched.etag, modified=fetched.modified)
