"""Follow feeds: ask them, fetch the pages of their new items, bring the articles in.

In: addresses of feeds, settings. Out: a Round each time, and articles in the archive.
Refuses to know: formats, connections, how articles are stored.

The archive is open only while a batch of articles goes in, so that other programs have it between.
Interrupted at any moment (Ctrl-C, a kill), everything brought in stays and the rest is due again.
Nothing is ever removed from the archive here, whatever a feed no longer lists.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.archive.archive import Archive
from assistant.errors import ArchiveLockedError, SourceError
from assistant.feeds.addresses import AddressPolicy, checked_url
from assistant.feeds.entries import Feed, FeedError
from assistant.feeds.errors import FetchError
from assistant.feeds.fetch import PAGE_TYPES, Fetcher, Hosts
from assistant.feeds.items import ItemError, article_from_content, article_from_page
from assistant.feeds.parse import parse_feed
from assistant.feeds.responses import Fetched
from assistant.feeds.rounds import Round
from assistant.feeds.state import Due, FeedState
from assistant.settings import Settings
from assistant.types import Article

# Pages fetched and brought in together: little to lose, and the archive is soon free again.
_BATCH_ITEMS = 32
# A feed lists what is new; what lists more (a sitemap of a whole site) is followed at its newest.
MOST_ITEMS = 1_000
_HOUR_S = 3_600.0
_BUSY_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class _Had:
    """An item with its article. `page` is None where the article is the feed's own content."""

    due: Due
    article: Article
    page: Fetched | None


class Follower:
    """Follows a list of feeds into one archive; a context manager that keeps others from it.

    `policy` and `embedder` replace those of the settings. `say` is told, in a line, how it goes.
    """

    def __init__(
        self,
        feeds: Sequence[str],
        settings: Settings,
        *,
        wait_for_archive: bool = False,
        policy: AddressPolicy | None = None,
        embedder: BaseEmbedding | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make or open the archive, and note that this process follows for it.

        `wait_for_archive`: where another process has the archive, wait until it is free. Raises
        SourceError for an address that is none, ArchiveLockedError where another process follows
        feeds into this archive, and what `Archive.open` raises.
        """
        self._feeds = list(dict.fromkeys(_checked(feed) for feed in feeds))
        if not self._feeds:
            raise SourceError("There is no feed to follow. Give addresses, or --opml FILE.")
        self._settings = settings
        self._wait = wait_for_archive
        self._policy = policy or AddressPolicy(allow_private=settings.allow_private_addresses)
        self._embedder = embedder
        self._say = say
        self._hosts = Hosts()
        # Before anything is fetched: an archive that cannot be used is said at once.
        self._opened().close()
        self._lock = _sole_follower(settings.archive)
        self._state = FeedState(settings.archive / "feeds.sqlite")

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._state.__exit__()
        self._lock.release()

    def rounds(self, every_s: float) -> Iterator[Round]:
        """One round after another, their beginnings `every_s` apart, without an end."""
        while True:
            started = time.monotonic()
            yield self.round()
            time.sleep(max(0.0, started + every_s - time.monotonic()))

    def round(self) -> Round:
        """Ask every feed once and take what is new."""
        started = time.monotonic()
        done = Round()
        known = asyncio.run(self._read_feeds(done))
        due = self._state.due(known, time.time(), self._settings.feed_recheck_h * _HOUR_S)
        self._say(f"{done.feeds} feeds asked, {len(due)} items to fetch.")
        queue = _mixed(due)
        for first in range(0, len(queue), _BATCH_ITEMS):
            batch = queue[first : first + _BATCH_ITEMS]
            self._take(batch, asyncio.run(self._fetch_pages(batch)), done)
            self._say(f"  {first + len(batch)} of {len(queue)} items: {done.in_words()}")
        self._state.forget_old(time.time())
        done.seconds = time.monotonic() - started
        return done

    # -- feeds ------------------------------------------------------------------------------

    async def _read_feeds(self, done: Round) -> list[str]:
        """Ask the feeds, and those that they name; returns all their addresses."""
        async with Fetcher(self._settings, self._policy, self._hosts) as fetcher:
            await asyncio.gather(*(self._read(fetcher, url, False, done) for url in self._feeds))
            named = [child for url in self._feeds for child in self._state.feed(url).children]
            children = [url for url in dict.fromkeys(named) if url not in self._feeds]
            await asyncio.gather(*(self._read(fetcher, url, True, done) for url in children))
        return self._feeds + children

    async def _read(self, fetcher: Fetcher, url: str, named_by_site: bool, done: Round) -> None:
        """Ask one feed and write down what it says. robots.txt decides about what a site named."""
        record, now = self._state.feed(url), time.time()
        if record.next_at > now:
            then = datetime.fromtimestamp(record.next_at, UTC).isoformat(timespec="seconds")
            done.reject(url, f"{record.reason} Not asked again before {then}.")
            return
        done.feeds += 1
        try:
            fetched = await fetcher.get(
                url, etag=record.etag, modified=record.modified, obey_robots=named_by_site
            )
            if fetched.unchanged:
                done.feeds_unchanged += 1
                self._state.feed_unchanged(url)
                return
            feed = parse_feed(
                fetched.body,
                fetched.url,
                content_type=_full_type(fetched),
                max_bytes=self._settings.fetch_max_bytes,
            )
        except (FetchError, FeedError) as error:
            pause_s = (error.retry_after_s or 0.0) if isinstance(error, FetchError) else 0.0
            self._state.feed_failed(url, str(error), now, now + pause_s)
            done.reject(url, str(error))
            return
        self._note(url, feed, fetched, done)

    def _note(self, url: str, feed: Feed, fetched: Fetched, done: Round) -> None:
        for reason in feed.skipped:
            done.reject(url, reason)
        if len(feed.entries) > MOST_ITEMS:
            done.reject(
                url,
                f"It lists {len(feed.entries):,} items; the newest {MOST_ITEMS:,} are followed.",
            )
        self._state.feed_read(
            url, feed.newest(MOST_ITEMS), etag=fetched.etag, modified=fetched.modified
        )

    # -- items ------------------------------------------------------------------------------

    async def _fetch_pages(self, batch: Sequence[Due]) -> list[Fetched | FetchError]:
        async with Fetcher(self._settings, self._policy, self._hosts) as fetcher:
            return list(await asyncio.gather(*(_page(fetcher, due) for due in batch)))

    def _take(
        self, batch: Sequence[Due], pages: Sequence[Fetched | FetchError], done: Round
    ) -> None:
        """Bring in what was fetched, and mark it so once the archive has it."""
        had: list[_Had] = []
        for due, page in zip(batch, pages, strict=True):
            if isinstance(page, Fetched) and page.unchanged:
                self._same(due, done)
                continue
            try:
                had.append(_article(due, page))
            except ItemError as error:
                asked = page if isinstance(page, FetchError) else None
                self._refuse(due, str(error), done, asked)
        if had:
            self._bring_in(had, done)

    def _bring_in(self, had: Sequence[_Had], done: Round) -> None:
        with self._opened() as archive:
            safe = [one for one in had if one.page or _may_replace(one, archive)]
            summary = archive.ingest(one.article for one in safe)
            if summary.passages:
                self._embedder = archive.embedder
        done.add(summary)
        refused = {rejection.source: rejection.reason for rejection in summary.rejected}
        taken = [one for one in safe if one.article.url not in refused]
        self._state.taken(
            (
                (
                    one.due,
                    one.page is None,
                    one.page.etag if one.page else None,
                    one.page.modified if one.page else None,
                )
                for one in taken
            ),
            time.time(),
        )
        for one in had:
            if one not in safe:
                reason = "The page cannot be had, and the archive has this article from elsewhere."
                self._refuse(one.due, reason, done, None)
            elif one.article.url in refused:
                self._refuse(one.due, refused[one.article.url], done, None)

    def _same(self, due: Due, done: Round) -> None:
        done.unchanged += 1
        self._state.checked(due, time.time())

    def _refuse(self, due: Due, reason: str, done: Round, asked: FetchError | None) -> None:
        """List the item, and try it again later; an article that the archive has simply stays."""
        now = time.time()
        if due.known:
            self._same(due, done)
            return
        attempts = 1 if asked is not None and asked.final else self._settings.feed_attempts
        pause_s = (asked.retry_after_s or 0.0) if asked else 0.0
        self._state.failed(due, reason, now, most_attempts=attempts, not_before=now + pause_s)
        left = attempts - due.attempts - 1
        done.reject(due.entry.url, f"{reason} {_tries(left)}")

    # -- archive ----------------------------------------------------------------------------

    def _opened(self) -> Archive:
        """The open archive; where another process has it, once that is done, if we may wait."""
        said = False
        while True:
            try:
                return Archive.open(settings=self._settings, embedder=self._embedder)
            except ArchiveLockedError as error:
                if not self._wait:
                    raise
                if not said:
                    self._say(f"Waiting for the archive: {error}")
                    said = True
            time.sleep(_BUSY_WAIT_S)


def _checked(feed: str) -> str:
    try:
        return str(checked_url(feed))
    except FetchError as error:
        raise SourceError(
            f"{feed!r} is no address of a feed: {error} Write it as https://example.org/feed.xml."
        ) from error


def _sole_follower(archive: Path) -> FileLock:
    lock = FileLock(archive / "feeds.lock", is_singleton=False, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ArchiveLockedError(
            f"Another process follows feeds into {archive}. Give it all the feeds, or stop it."
        ) from error
    return lock


async def _page(fetcher: Fetcher, due: Due) -> Fetched | FetchError:
    if not due.entry.on_page:
        return FetchError("The item has no page.")
    try:
        return await fetcher.get(
            due.entry.url,
            accept=PAGE_TYPES,
            etag=due.etag,
            modified=due.modified,
            obey_robots=True,
        )
    except FetchError as error:
        return error


def _article(due: Due, page: Fetched | FetchError) -> _Had:
    """The article of the page; of the feed's content where the page gives none."""
    try:
        if isinstance(page, FetchError):
            raise ItemError(page.reason)
        return _Had(due, article_from_page(page, due.entry, due.feed), page)
    except ItemError as error:
        try:
            return _Had(due, article_from_content(due.entry, due.feed), None)
        except ItemError as also:
            raise ItemError(f"{error} {also}") from error


def _may_replace(had: _Had, archive: Archive) -> bool:
    """Whether a feed's content may become a version of an article.

    Only where the archive has none of that address, or has it from this feed: else any feed could
    put its words into another publisher's article by naming its address.
    """
    return had.due.from_feed or archive.article(had.article.url) is None


def _mixed(due: Sequence[Due]) -> list[Due]:
    """The items with the hosts taking turns, since each host is asked slowly."""
    by_host: defaultdict[str, deque[Due]] = defaultdict(deque)
    for one in due:
        by_host[urlsplit(one.entry.url).netloc].append(one)
    mixed: list[Due] = []
    while by_host:
        for host in list(by_host):
            mixed.append(by_host[host].popleft())
            if not by_host[host]:
                del by_host[host]
    return mixed


def _full_type(fetched: Fetched) -> str:
    return (
        f"{fetched.content_type}; charset={fetched.charset}"
        if fetched.charset
        else (fetched.content_type)
    )


def _tries(left: int) -> str:
    if left <= 0:
        return "Not tried again."
    return f"Tried again later, {left} more {'time' if left == 1 else 'times'} at most."
