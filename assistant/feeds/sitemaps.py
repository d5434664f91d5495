"""Sitemaps with or without Google's news fields, sitemap indexes, and OPML lists of feeds.

In: bytes of XML. Out: a Feed, or the feeds' addresses; FeedError where there are none.
Refuses to know: the web. Entities are never resolved and nothing external is loaded, so an entity
bomb stays a few bytes.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from assistant.articles.moments import parse_moment
from assistant.feeds.entries import Entry, Feed, FeedError, page_address

# Of an index, the newest parts: the rest are archives of years.
MOST_CHILDREN = 20
_STRAY_AMPERSAND = re.compile(rb"&(?!#?\w{1,40};)")


def sitemap(raw: bytes, url: str) -> Feed:
    """The pages of a sitemap as entries, or the sitemaps of an index as children.

    Raises FeedError where the XML is neither.
    """
    root = _root(raw)
    kind = _name(root)
    if kind == "sitemapindex":
        listed = [(_child(one, "lastmod"), _child(one, "loc")) for one in _all(root, "sitemap")]
        # Newest first; those without a date keep their place behind the dated ones.
        newest = sorted(listed, key=lambda one: one[0], reverse=True)
        children = [page for _, place in newest if (page := page_address(url, place))]
        return Feed(children=tuple(dict.fromkeys(children[:MOST_CHILDREN])))
    if kind != "urlset":
        raise FeedError(f"XML of the kind {kind!r}, no sitemap.")
    entries = [_entry(one, url) for one in _all(root, "url")]
    return Feed(
        entries=tuple(entry for entry in entries if isinstance(entry, Entry)),
        skipped=tuple(reason for reason in entries if isinstance(reason, str)),
    )


def opml_feeds(raw: bytes) -> list[str]:
    """The addresses of the feeds in an OPML list, each once. Raises FeedError for other files."""
    root = _root(raw)
    if _name(root) != "opml":
        raise FeedError("Not an OPML list of feeds.")
    found = [
        str(value).strip()
        for outline in _all(root, "outline")
        for name, value in outline.attrib.items()
        if name.lower() == "xmlurl"
    ]
    return list(dict.fromkeys(address for address in found if address))


def _entry(element: Any, sitemap_url: str) -> Entry | str:
    page = page_address(sitemap_url, _child(element, "loc"))
    if not page:
        return "A page of the sitemap has no address."
    news = next(iter(_all(element, "news")), None)
    if news is None:
        return Entry(url=page, updated_at=_moment(_child(element, "lastmod")))
    publication = next(iter(_all(news, "publication")), news)
    return Entry(
        url=page,
        title=_child(news, "title"),
        published_at=_moment(_child(news, "publication_date")),
        updated_at=_moment(_child(element, "lastmod")),
        publisher=_child(publication, "name") or None,
        language=_child(publication, "language") or None,
    )


def _root(raw: bytes) -> Any:
    from lxml import etree

    # libxml2 recovers from a stray "&" by dropping it with the word behind it: a wrong address.
    raw = _STRAY_AMPERSAND.sub(b"&amp;", raw)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedError(f"Not readable as XML: {error}.") from error
    if root is None:
        raise FeedError("Not readable as XML.")
    return root


def _name(element: Any) -> str:
    """The element's name without its namespace; "" for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _all(root: Any, name: str) -> list[Any]:
    return [element for element in root.iter() if _name(element) == name]


def _child(element: Any, name: str) -> str:
    """The text of the first child of this name, whatever its namespace; "" without one."""
    for below in element:
        if _name(below) == name:
            return " ".join((below.text or "").split())
    return ""


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_moment(text)[0]
    except (ValueError, OverflowError, OSError):
        return None
