"""A feed and its entries, whatever format they came in.

In: nothing. Out: frozen values. Refuses to know: formats, the web, the archive.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin


class FeedError(ValueError):
    """The bytes are no feed that can be read; the message says why."""


def page_address(base: str, link: str) -> str:
    """The http(s) address that a link in the feed at `base` leads to; "" where it leads to none."""
    try:
        address = urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed: where its article is, and what the feed says about it.

    `url` is the address of the article's page; where `on_page` is False there is no page and the
    url only names the item. `source_id` is the feed's lasting name for it (guid). Dates are
    timezone-aware or None. `content` is HTML that may be the whole article, or empty.
    """

    url: str
    title: str = ""
    source_id: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    language: str | None = None
    content: str = ""
    on_page: bool = True

    @property
    def mark(self) -> str:
        """Equal as long as the feed says the same of the item: its date of change and its title.

        Not its content or summary: there many feeds count comments.
        """
        when = self.updated_at or self.published_at
        said = [when.isoformat() if when else None, self.title]
        if not self.on_page:
            said.append(self.content)
        return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def to_text(self) -> str:
        """JSON, for `from_text`."""
        fields = asdict(self)
        for name in ("published_at", "updated_at"):
            fields[name] = fields[name].isoformat() if fields[name] else None
        return json.dumps(fields)

    @classmethod
    def from_text(cls, text: str) -> Entry:
        """The entry that `to_text` wrote."""
        fields: dict[str, Any] = json.loads(text)
        for name in ("published_at", "updated_at"):
            fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
        return cls(**fields | {"authors": tuple(fields["authors"])})


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says: its title, its entries in its own order, and further feeds it names.

    `skipped` are reasons, each for an entry that cannot be followed.
    """

    title: str | None = None
    entries: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def with_own_names(self) -> Feed:
        """The feed without the names (guids) that it gives to more than one address: they name
        nothing, and would make one item a new version of the other.
        """
        pages: dict[str, set[str]] = {}
        for entry in self.entries:
            if entry.source_id:
                pages.setdefault(entry.source_id, set()).add(entry.url)
        entries = tuple(
            replace(entry, source_id=None)
            if entry.source_id and len(pages[entry.source_id]) > 1
            else entry
            for entry in self.entries
        )
        return replace(self, entries=entries)

    def newest(self, most: int) -> Feed:
        """The feed with at most so many entries: the newest, in the feed's order; undated last."""
        if len(self.entries) <= most:
            return self
        oldest = datetime.min.replace(tzinfo=UTC)
        ranked = sorted(
            self.entries, key=lambda one: one.updated_at or one.published_at or oldest, reverse=True
        )
        kept = {id(entry) for entry in ranked[:most]}
        return replace(self, entries=tuple(one for one in self.entries if id(one) in kept))
