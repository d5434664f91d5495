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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.archive.archive import Archive
from assistant.errors import ArchiveLockedError, SourceError
from assistant.feeds.addresses import AddressPolicy, checked_url
from assistant.feeds.errors import FetchError
from assistant.feeds.fetch import Fetcher
from assistant.feeds.hosts import Hosts
from assistant.feeds.items import ItemError
from assistant.feeds.reading import read_feeds
from assistant.feeds.records import Due
from assistant.feeds.responses import Fetched
from assistant.feeds.rounds import Round
from assistant.feeds.state import FeedState
from assistant.feeds.taking import Had, fetch_page, may_replace, mixed, take_article
from assistant.settings import Settings

# Pages fetched and brought in together: little to lose, and the archive is soon free again.
_BATCH_ITEMS = 32
_HOUR_S = 3_600.0
_BUSY_WAIT_S = 2.0


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
        try:
            self._state = FeedState(settings.archive / "feeds.sqlite")
        except BaseException:
            self._lock.release()
            raise

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
        most_bytes = self._settings.fetch_max_bytes
        known = read_feeds(self._feeds, self._session, self._state, done, most_bytes)
        due = self._state.due(known, time.time(), self._settings.feed_recheck_h * _HOUR_S)
        self._say(f"{done.feeds} feeds asked, {len(due)} items to fetch.")
        queue = mixed(due)
        for first in range(0, len(queue), _BATCH_ITEMS):
            batch = queue[first : first + _BATCH_ITEMS]
            self._take(batch, asyncio.run(self._fetch_pages(batch)), done)
            self._say(f"  {first + len(batch)} of {len(queue)} items: {done.in_words()}")
        self._state.forget_old(time.time())
        done.seconds = time.monotonic() - started
        return done

    def _session(self) -> Fetcher:
        return Fetcher(self._settings, self._policy, self._hosts)

    # -- items ------------------------------------------------------------------------------

    async def _fetch_pages(self, batch: Sequence[Due]) -> list[Fetched | FetchError]:
        async with self._session() as fetcher:
            return list(await asyncio.gather(*(fetch_page(fetcher, due) for due in batch)))

    def _take(
        self, batch: Sequence[Due], pages: Sequence[Fetched | FetchError], done: Round
    ) -> None:
        """Bring in what was fetched, and mark it so once the archive has it."""
        had: list[Had] = []
        for due, page in zip(batch, pages, strict=True):
            if isinstance(page, Fetched) and page.unchanged:
                done.unchanged += 1
                self._state.checked(due, time.time())
                continue
            try:
                had.append(take_article(due, page))
            except ItemError as error:
                asked = page if isinstance(page, FetchError) else None
                self._refuse(due, str(error), done, asked)
        if had:
            self._bring_in(had, done)

    def _bring_in(self, had: Sequence[Had], done: Round) -> None:
        with self._opened() as archive:
            safe = [one for one in had if one.page or may_replace(one, archive)]
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

    def _refuse(self, due: Due, reason: str, done: Round, asked: FetchError | None) -> None:
        """List the item, and try it again later; an article that the archive has simply stays."""
        now = time.time()
        if due.known:
            self._state.checked(due, now)
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


def _tries(left: int) -> str:
    if left <= 0:
        return "Not tried again."
    return f"Tried again later, {left} more {'time' if left == 1 else 'times'} at most."
