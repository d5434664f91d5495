"""Marked-up text as XML and HTML trees carry it.

In: bytes or a tree. Out: a tree parsed with everything hostile switched off, and its text as
paragraphs. Refuses to know: what the elements mean to news. For saved web pages see pages.py: there
the report must be found among menus; here all of the tree is the report.
"""

from __future__ import annotations

import html
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from assistant.articles.decode import DecodeError

_BLOCKS = frozenset(
    """address article aside blockquote block body bq caption dd div dl dt fn footer h1 h2 h3 h4 h5
    h6 header hl1 hl2 hr li main nitf-table note ol p pre section table tbody tr ul br""".split()
)
# Pictures with their captions and credits, players, and what a browser does not show.
_SKIPPED = frozenset(
    """script style head title figure figcaption media media-caption media-producer img video audio
    iframe object svg form button template noscript nav""".split()
)
_CELLS = frozenset({"td", "th"})


def parse_xml(raw: bytes) -> Any:
    """The root element. Raises DecodeError for what is no XML or declares entities of its own.

    No DTD is loaded, no entity replaced, nothing fetched, and libxml2's limits on size and depth
    stay on (256 levels).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DecodeError(f"Not valid XML: {' '.join(str(error).split())[:200]}.") from error
    declared = root.getroottree().docinfo.internalDTD
    # Wire files name a DTD; none of them needs an entity of its own, and bombs are made of those.
    if declared is not None and any(True for _ in declared.iterentities()):
        raise DecodeError("The XML declares entities of its own; write the characters out.")
    return root


def html_paragraphs(markup: str) -> list[str]:
    """The paragraphs of a piece of HTML that is the report and nothing else."""
    if not markup.strip():
        return []
    try:
        # A declaration of an encoding beside characters that are decoded already is an error.
        tree = lxml_html.document_fromstring(markup.encode(), parser=_html_parser())
    except (etree.ParserError, etree.XMLSyntaxError):
        return []
    return paragraphs(tree)


def paragraphs(root: Any) -> list[str]:
    """The text of a tree, a paragraph for each block; never recursive, however deep the tree."""
    found: list[str] = []
    current: list[str] = []
    pending: list[Any] = [root]
    while pending:
        item = pending.pop()
        if item is None:
            if text := " ".join("".join(current).split()):
                found.append(text)
            current = []
        elif isinstance(item, str):
            current.append(item)
        elif item.tag is etree.Entity:
            current.append(html.unescape(item.text))
        elif isinstance(item.tag, str) and (name := local_name(item)) not in _SKIPPED:
            pending.extend(reversed(_pieces(item, name)))
    if text := " ".join("".join(current).split()):
        found.append(text)
    return found


def text_of(element: Any) -> str:
    """The text of an element on one line; nothing for None."""
    return "" if element is None else " ".join(paragraphs(element))


def local_name(element: Any) -> str:
    """The name of an element without its namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def _pieces(element: Any, name: str) -> list[Any]:
    """The text, children and tails of an element in order; None where a paragraph ends."""
    block = name in _BLOCKS
    pieces: list[Any] = [None] if block else []
    pieces.append(element.text or "")
    for child in element:
        pieces.append(child)
        pieces.append(child.tail or "")
    if block:
        pieces.append(None)
    elif name in _CELLS:
        pieces.append(" ")
    return pieces


def _html_parser() -> Any:
    return lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
