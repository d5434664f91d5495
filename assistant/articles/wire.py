"""XML from the wire: told apart by its root element.

In: the bytes of an XML file. Out: fields for `build_article` or the reason why an item gives none,
one for each item. Refuses to know: the formats themselves, see nitf.py and newsml.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.articles.decode import DecodeError
from assistant.articles.markup import local_name, parse_xml
from assistant.articles.newsml import newsml_items
from assistant.articles.nitf import nitf_fields
from assistant.articles.places import Fields

_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "opml", "urlset", "sitemapindex"})
_NEWSML_ROOTS = frozenset({"newsitem", "newsmessage", "packageitem"})


def wire_items(raw: bytes) -> Iterator[Fields | str]:
    """The items of a NITF or NewsML-G2 file. Raises DecodeError for other or broken XML."""
    root = parse_xml(raw)
    name = local_name(root)
    if name == "nitf":
        yield nitf_fields(root)
    elif name in _NEWSML_ROOTS:
        yield from newsml_items(root)
    elif name in _FEED_ROOTS:
        raise DecodeError(
            f"A feed or a list of links (<{name}>): it names articles and holds none."
        )
    else:
        raise DecodeError(f"XML with the root <{name}>; NITF and NewsML-G2 are read.")
