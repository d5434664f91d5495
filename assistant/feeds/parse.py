"""From the bytes of a feed to its entries: RSS, Atom, JSON Feed, sitemaps.

In: bytes that were fetched, where from, and the Content-Type. Out: a Feed, or FeedError with the
reason. Refuses to know: the web. Nothing here opens a URL, a file or an external entity.
"""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from assistant.feeds.bodies import BoundedBody
from assistant.feeds.entries import Entry, Feed, FeedError, page_address
from assistant.feeds.errors import FetchError
from assistant.feeds.jsonfeed import json_feed
from assistant.feeds.sitemaps import sitemap

_GZIP_MAGIC = b"\x1f\x8b"
_HEAD_BYTES = 4_096
_PAGE_HEAD_BYTES = 65_536
# feedparser takes up to five seconds for a megabyte of hostile markup; feeds of news are far below.
_LARGEST_SYNDICATION = 5_000_000
_SITEMAP = re.compile(rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_NAMES_FEED = re.compile(
    rb"<link\b[^<>]{0,500}application/(?:rss\+xml|atom\+xml|feed\+json)[^<>]{0,500}>", re.IGNORECASE
)
_HREF = re.compile(rb"""href\s*=\s*["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
# feedparser lets some errors of its date, address and encoding code through: in 57,000 mutated
# feeds only ValueError, but the others are of the same kind. They mean that it cannot be read.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


def parse_feed(raw: bytes, url: str, *, content_type: str = "", max_bytes: int) -> Feed:
    """The feed in the bytes that came from `url`; `max_bytes` bounds what a .gz unpacks to.

    Raises FeedError where it is none.
    """
    if raw.startswith(_GZIP_MAGIC):
        raw = _unpacked(raw, max_bytes)
    head = raw[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise FeedError("The feed is empty.")
    if head.startswith(b"{"):
        return json_feed(raw, url)
    if _SITEMAP.search(head):
        return sitemap(raw, url)
    return _syndication(raw, url, content_type)


def _unpacked(raw: bytes, max_bytes: int) -> bytes:
    body = BoundedBody("gzip", max_bytes)
    try:
        body.add(raw)
        return body.whole()
    except FetchError as error:
        raise FeedError(error.reason) from error


def _syndication(raw: bytes, url: str, content_type: str) -> Feed:
    """RSS 0.9 to 2.0, Atom and CDF, by feedparser; it is given bytes only, never a URL."""
    import feedparser

    if len(raw) > _LARGEST_SYNDICATION:
        raise FeedError(f"A feed of more than {_LARGEST_SYNDICATION:,} bytes is not read.")
    headers = {"content-location": url, "content-type": content_type}
    try:
        parsed = feedparser.parse(io.BytesIO(raw), response_headers=headers)
        entries = [_entry(found, parsed.feed, url) for found in parsed.entries]
        title = _text(parsed.feed.get("title"))
    except _UNREADABLE as error:
        raise FeedError(f"The feed cannot be read ({type(error).__name__}).") from error
    if not entries and not parsed.version:
        raise FeedError(_what_else(raw, url, parsed.get("bozo_exception")))
    followed = [entry for entry in entries if isinstance(entry, Entry)]
    skipped = [reason for reason in entries if isinstance(reason, str)]
    return Feed(title or None, tuple(followed), skipped=tuple(skipped))


def _entry(found: Any, feed: Any, feed_url: str) -> Entry | str:
    """The entry, or why it cannot be followed."""
    title = _text(found.get("title"))
    link = found.get("feedburner_origlink") or found.get("link") or ""
    contents = [part.get("value") or "" for part in found.get("content") or []]
    content = max([*contents, ""], key=len)
    guid = found.get("id") or None
    page = page_address(feed_url, link)
    if not page and not (content and (guid or title)):
        return f"“{title[:80] or guid or 'An entry'}” has no link to a page and no content."
    source = found.get("source")
    return Entry(
        url=page or f"{feed_url}#{quote(guid or title, errors='replace')}",
        title=title,
        source_id=guid,
        published_at=_moment(found, "published_parsed"),
        updated_at=_moment(found, "updated_parsed"),
        authors=_authors(found),
        publisher=_text(source.get("title") if isinstance(source, Mapping) else None)
        or _text(feed.get("title"))
        or None,
        language=found.get("language") or feed.get("language") or None,
        content=content,
        on_page=bool(page),
    )


def _moment(found: Any, name: str) -> datetime | None:
    """Feedparser gives UTC; what it could not read is None."""
    # `get("updated_parsed")` would fall back to the date of publication, with a warning.
    when = dict.get(found, name)
    if when is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(when), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _authors(found: Any) -> tuple[str, ...]:
    names = [_text(one.get("name")) for one in found.get("authors") or []]
    return tuple(dict.fromkeys(name for name in names if name))


def _text(value: Any) -> str:
    """A title as text: its tags and entities resolved, on one line."""
    import lxml.html
    from lxml.etree import LxmlError

    if not isinstance(value, str) or not value.strip():
        return ""
    if "<" in value or "&" in value:
        try:
            value = lxml.html.fromstring(f"<div>{value}</div>").text_content()
        except (LxmlError, ValueError):
            return " ".join(value.split())
    return " ".join(str(value).split())


def _what_else(raw: bytes, url: str, problem: object) -> str:
    """Why bytes that hold no feed may have been taken for one."""
    if _PAGE.search(raw[:_HEAD_BYTES]):
        link = _NAMES_FEED.search(raw, 0, _PAGE_HEAD_BYTES)
        href = _HREF.search(link[0]) if link else None
        named = page_address(url, href[1].decode("ascii", "replace")) if href else ""
        also = f" It names this feed: {named}" if named else ""
        return f"A web page, not a feed.{also}"
    return f"Neither RSS, Atom, JSON Feed nor a sitemap{f' ({problem})' if problem else ''}."
