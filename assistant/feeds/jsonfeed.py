"""JSON Feed 1.0 and 1.1 (jsonfeed.org).

In: bytes. Out: a Feed, or FeedError. Refuses to know: the web.
"""

from __future__ import annotations

import html
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from assistant.articles.decode import DecodeError, decode
from assistant.articles.moments import parse_moment
from assistant.feeds.entries import Entry, Feed, FeedError, page_address

_VERSION = "https://jsonfeed.org/version/"


def json_feed(raw: bytes, url: str) -> Feed:
    """The feed that the JSON describes. Raises FeedError where it describes none."""
    try:
        given = json.loads(decode(raw))
    except (ValueError, RecursionError) as error:
        said = error if isinstance(error, DecodeError) else "not valid JSON"
        raise FeedError(f"The JSON feed cannot be read: {said}.") from error
    version = given.get("version") if isinstance(given, dict) else None
    if not isinstance(version, str) or not version.startswith(_VERSION):
        raise FeedError("JSON, but no JSON Feed: it names no jsonfeed.org version.")
    items = given.get("items")
    if not isinstance(items, list):
        raise FeedError("The JSON feed has no list of items.")
    entries = [_entry(item, given, url) for item in items]
    return Feed(
        title=_string(given, "title") or None,
        entries=tuple(entry for entry in entries if isinstance(entry, Entry)),
        skipped=tuple(reason for reason in entries if isinstance(reason, str)),
    )


def _entry(item: Any, feed: dict[str, Any], feed_url: str) -> Entry | str:
    """The entry, or why it cannot be followed."""
    if not isinstance(item, dict):
        return "An item is not an object."
    identifier = item.get("id")
    guid = str(identifier) if isinstance(identifier, (str, int)) and identifier != "" else None
    title = " ".join(_string(item, "title").split())
    content = _string(item, "content_html") or _paragraphs(_string(item, "content_text"))
    link = _string(item, "url") or _string(item, "external_url")
    page = page_address(feed_url, link)
    if not page and not (content and (guid or title)):
        return f"“{title[:80] or guid or 'An item'}” has no url and no content."
    return Entry(
        url=page or f"{feed_url}#{quote(guid or title, errors='replace')}",
        title=title,
        source_id=guid,
        published_at=_moment(item, "date_published"),
        updated_at=_moment(item, "date_modified"),
        authors=_authors(item) or _authors(feed),
        publisher=_string(feed, "title") or None,
        language=_string(item, "language") or _string(feed, "language") or None,
        content=content,
        on_page=bool(page),
    )


def _string(given: dict[str, Any], name: str) -> str:
    """The text of a field; lone surrogates, which JSON can spell, are replaced."""
    value = given.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n") if part.strip())


def _moment(item: dict[str, Any], name: str) -> datetime | None:
    try:
        return parse_moment(_string(item, name))[0]
    except (ValueError, OverflowError, OSError):
        return None


def _authors(given: dict[str, Any]) -> tuple[str, ...]:
    """Version 1.1 has a list of authors, 1.0 one author."""
    listed = given.get("authors")
    people = listed if isinstance(listed, list) else [given.get("author")]
    names = [_string(one, "name").strip() for one in people if isinstance(one, dict)]
    return tuple(dict.fromkeys(name for name in names if name))
