"""One due item: its page fetched, its article made, and whether that may go into the archive.

In: a Due, a Fetcher, the page. Out: a Had, or the reason against it. Refuses to know: rounds,
state.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.archive.archive import Archive
from assistant.feeds.errors import FetchError
from assistant.feeds.fetch import PAGE_TYPES, Fetcher
from assistant.feeds.items import ItemError, article_from_content, article_from_page
from assistant.feeds.records import Due
from assistant.feeds.responses import Fetched
from assistant.types import Article


@dataclass(frozen=True, slots=True)
class Had:
    """An item with its article. `page` is None where the article is the feed's own content."""

    due: Due
    article: Article
    page: Fetched | None


async def fetch_page(fetcher: Fetcher, due: Due) -> Fetched | FetchError:
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


def take_article(due: Due, page: Fetched | FetchError) -> Had:
    """The article of the page; of the feed's content where the page gives none."""
    try:
        if isinstance(page, FetchError):
            raise ItemError(page.reason)
        return Had(due, article_from_page(page, due.entry, due.feed), page)
    except ItemError as error:
        try:
            return Had(due, article_from_content(due.entry, due.feed), None)
        except ItemError as also:
            raise ItemError(f"{error} {also}") from error


def may_replace(had: Had, archive: Archive) -> bool:
    """Whether a feed's content may become a version of an article.

    Only where the archive has none of that address, or has it from this feed: else any feed could
    put its words into another publisher's article by naming its address.
    """
    return had.due.from_feed or archive.article(had.article.url) is None


def mixed(due: Sequence[Due]) -> list[Due]:
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
