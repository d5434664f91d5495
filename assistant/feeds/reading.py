"""Ask feeds what they list, and write it down.

In: addresses, a Fetcher, the state. Out: the addresses that were read, with those that sitemap
indexes name; what could not be read is listed in the Round. Refuses to know: items, articles.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from assistant.feeds.entries import FeedError
from assistant.feeds.errors import FetchError
from assistant.feeds.fetch import Fetcher
from assistant.feeds.parse import parse_feed
from assistant.feeds.responses import Fetched
from assistant.feeds.rounds import Round
from assistant.feeds.state import FeedState

# A feed lists what is new; what lists more (a sitemap of a whole site) is followed at its newest.
MOST_ITEMS = 1_000
# Bodies held at once, before they are parsed. Parsing is not done while others are being fetched:
# it can take seconds, which would count against their limits and hold up an interruption.
_BATCH_FEEDS = 32


def read_feeds(
    feeds: Sequence[str],
    fetcher: Callable[[], Fetcher],
    state: FeedState,
    done: Round,
    most_bytes: int,
) -> list[str]:
    """Ask the feeds, and then those that they name; returns all their addresses."""

    def read(urls: Sequence[str], *, obey_robots: bool) -> None:
        for first in range(0, len(urls), _BATCH_FEEDS):
            ready = [
                url for url in urls[first : first + _BATCH_FEEDS] if _may_ask(url, state, done)
            ]
            answers = asyncio.run(_ask(ready, fetcher(), state, obey_robots))
            for url, answer in zip(ready, answers, strict=True):
                _take(url, answer, state, done, most_bytes)

    # The operator asked for these by name; what a site names further is for its robots.txt.
    read(feeds, obey_robots=False)
    named = [child for url in feeds for child in state.feed(url).children]
    children = [url for url in dict.fromkeys(named) if url not in feeds]
    read(children, obey_robots=True)
    return [*feeds, *children]


def _may_ask(url: str, state: FeedState, done: Round) -> bool:
    """Whether the feed's turn has come; where it failed, it rests first."""
    record = state.feed(url)
    if record.next_at <= time.time():
        done.feeds += 1
        return True
    then = datetime.fromtimestamp(record.next_at, UTC).isoformat(timespec="seconds")
    done.reject(url, f"{record.reason} Not asked again before {then}.")
    return False


async def _ask(
    urls: Sequence[str], session: Fetcher, state: FeedState, obey_robots: bool
) -> list[Fetched | FetchError]:
    async def one(fetcher: Fetcher, url: str) -> Fetched | FetchError:
        record = state.feed(url)
        try:
            return await fetcher.get(
                url, etag=record.etag, modified=record.modified, obey_robots=obey_robots
            )
        except FetchError as error:
            return error

    async with session as fetcher:
        return list(await asyncio.gather(*(one(fetcher, url) for url in urls)))


def _take(
    url: str, answer: Fetched | FetchError, state: FeedState, done: Round, most_bytes: int
) -> None:
    """Write down what the feed says, or that it could not be had."""
    try:
        if isinstance(answer, FetchError):
            raise answer
        if answer.unchanged:
            done.feeds_unchanged += 1
            state.feed_unchanged(url)
            return
        kind = answer.content_type
        kind += f"; charset={answer.charset}" if answer.charset else ""
        feed = parse_feed(answer.body, answer.url, content_type=kind, max_bytes=most_bytes)
    except (FetchError, FeedError) as error:
        now = time.time()
        pause_s = (error.retry_after_s or 0.0) if isinstance(error, FetchError) else 0.0
        state.feed_failed(url, str(error), now, now + pause_s)
        done.reject(url, str(error))
        return
    for reason in feed.skipped:
        done.reject(url, reason)
    listed = len(feed.entries)
    if listed > MOST_ITEMS:
        done.reject(url, f"It lists {listed:,} items; the newest {MOST_ITEMS:,} are followed.")
    state.feed_read(
        url, feed.with_own_names().newest(MOST_ITEMS), etag=answer.etag, modified=answer.modified
    )
