"""From a feed's entry, with or without its page, to an Article.

In: an Entry and the page that was fetched for it. Out: an Article, or ItemError with the reason.
Refuses to know: the web, the archive.

The page speaks first, the feed fills in what it does not say. Neither may speak for another site:
a page's canonical address counts only on the page's own host, so that nobody can put words into
another publisher's article, and a feed's name for an item (guid) counts only within its own host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from assistant.articles.decode import DecodeError, decode
from assistant.articles.fields import FieldError, build_article
from assistant.articles.moments import parse_moment
from assistant.articles.pages import page_fields
from assistant.feeds.entries import Entry
from assistant.feeds.responses import Fetched
from assistant.types import Article

_PAGE_TYPES = ("", "text/html", "application/xhtml+xml", "application/xml", "text/xml")
# Extraction takes seconds for a megabyte of hostile markup; articles are far below this.
_LARGEST_PAGE = 4_000_000
# Shorter content is the item's summary, whatever the feed calls it.
_FULL_CONTENT_CHARACTERS = 600
_CUT_SHORT = re.compile(
    r"(?:…|\.{3}|\[(?:…|\.{3}|\+\d+ chars)\]"
    r"|\b(?:read|continue|keep)\s+(?:more|on|reading|the (?:full|whole|rest)).{0,60})\W*$",
    re.IGNORECASE,
)
_SAME_SITE = re.compile(r"^(?:www\d?|m|mobile|amp)\.")
_TRACKING = re.compile(
    r"utm_\w+|at_(?:medium|campaign\w*)|fbclid|gclid|mc_[ce]id|cmpid?", re.IGNORECASE
)
_FUTURE_SLACK = timedelta(days=2)
_EARLIEST_YEAR = 1600


class ItemError(ValueError):
    """There is no article to be made of the item; the message says why."""


def article_from_page(page: Fetched, entry: Entry, feed_url: str) -> Article:
    """The article on the page. Raises ItemError where there is none."""
    if page.content_type not in _PAGE_TYPES:
        raise ItemError(f"The link leads to {page.content_type}, not to a web page.")
    if len(page.body) > _LARGEST_PAGE:
        raise ItemError(f"A page of more than {_LARGEST_PAGE:,} bytes is no article.")
    if _is_front(page.url) and not _is_front(entry.url):
        raise ItemError("The link leads to the site's front page; the article is not there.")
    try:
        raw = page.body
        if page.charset:
            # What the server says counts before what the page says, as in browsers; UTF-8 that
            # is valid counts before both.
            raw = decode(raw, declared=page.charset).encode()
        fields = page_fields(raw)
        if not fields.get("text"):
            raise ItemError("No article text was found on the page.")
        fields["url"] = _identity(page.url, fields.get("url"))
        return _article(fields, entry, feed_url)
    except (DecodeError, FieldError) as error:
        raise ItemError(str(error)) from error


def article_from_content(entry: Entry, feed_url: str) -> Article:
    """The article that the feed itself carries. Raises ItemError where it carries no whole one."""
    document = f"<html><body><article>{entry.content}</article></body></html>"
    whole = 0 < len(entry.content) <= _LARGEST_PAGE
    text = page_fields(document.encode("utf-8", "replace")).get("text") if whole else None
    if not text or len(text) < _FULL_CONTENT_CHARACTERS or _CUT_SHORT.search(text):
        raise ItemError("The feed does not carry the whole article.")
    url = _without_tracking(entry.url) if entry.on_page else entry.url
    try:
        return _article({"url": url, "text": text, "title": entry.title}, entry, feed_url)
    except FieldError as error:
        raise ItemError(str(error)) from error


def _article(fields: Mapping[str, Any], entry: Entry, feed_url: str) -> Article:
    """The fields with what the feed adds to them. Raises FieldError."""
    published = _usable(entry.published_at)
    updated = _usable(entry.updated_at)
    if updated and published and updated <= published:
        updated = None
    language = (entry.language or "")[:2].lower()
    said = dict(fields)
    if _is_host_name(said.get("publisher"), said["url"]):
        said["publisher"] = None
    added = {
        "title": entry.title,
        "authors": list(entry.authors),
        "publisher": entry.publisher,
        "language": language if language.isalpha() else None,
        "updated_at": updated,
    }
    for name, value in added.items():
        said[name] = said.get(name) or value
    said["published_at"] = _published(said.get("published_at"), published)
    article = build_article(said, fallback_url=entry.url)
    if entry.source_id and article.source_id is None:
        scope = urlsplit(feed_url).netloc
        article = replace(article, source_id=f"{scope}#{entry.source_id}")
    return article


def _published(on_page: Any, in_feed: datetime | None) -> Any:
    """The page's date; the feed's where the page has none, or names the same day without a time."""
    if not on_page or in_feed is None:
        return on_page or in_feed
    try:
        moment, date_only = parse_moment(str(on_page))
    except (ValueError, OverflowError, OSError):
        return in_feed
    # A day's difference is the publisher's time zone.
    same_day = abs(moment.date() - in_feed.date()) <= timedelta(days=1)
    return in_feed if date_only and same_day else on_page


def _usable(moment: datetime | None) -> datetime | None:
    """The moment where it can be one of publication: a wrong clock must not cost the item."""
    if moment is None or moment.year < _EARLIEST_YEAR:
        return None
    return moment if moment <= datetime.now(UTC) + _FUTURE_SLACK else None


def _identity(fetched_from: str, canonical: Any) -> str:
    """The address that the article is known by: the canonical one where it can be believed."""
    own = _without_tracking(fetched_from)
    if not isinstance(canonical, str) or not canonical.strip():
        return own
    try:
        named = urlsplit(urljoin(fetched_from, canonical.strip()))
        front = _is_front(named.geturl()) and not _is_front(fetched_from)
    except ValueError:
        return own
    elsewhere = _site(named.netloc) != _site(urlsplit(fetched_from).netloc)
    # Sites that name their front page on every page would make one article of all of them.
    if named.scheme not in ("http", "https") or elsewhere or front:
        return own
    return urlunsplit(named._replace(fragment=""))


def _is_front(url: str) -> bool:
    """Whether this is the front page of a site."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _site(netloc: str) -> str:
    return _SAME_SITE.sub("", netloc.lower())


def _without_tracking(url: str) -> str:
    """The address without its fragment and the marks of who led to it."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not _TRACKING.fullmatch(name)]
    if kept == query:
        return urlunsplit(parts._replace(fragment=""))
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


def _is_host_name(publisher: Any, url: str) -> bool:
    """Whether a page that names no publisher was given its host's name for one."""
    if not isinstance(publisher, str):
        return False
    host = urlsplit(url).hostname or ""
    return _site(publisher) in {_site(host), _site(urlsplit(url).netloc)}
