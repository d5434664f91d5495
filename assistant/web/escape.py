"""Text from outside made safe to show.

In: any text: articles, questions, file names, addresses. Out: markup that displays it and does
nothing else, safe as HTML and as Markdown at once.
Refuses to know: what the text is about.
"""

from __future__ import annotations

import re
import string
from urllib.parse import urlsplit

# Line ends become one character that no Markdown reader sees as a line end.
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
# Bidi embeddings, overrides and isolates reorder whatever follows them: they are dropped. The
# plain marks (U+200E, U+200F, U+061C) only touch their neighbours and stay.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)], "\ufffd")
# Every ASCII punctuation character as a numeric entity: HTML, Markdown, automatic links, LaTeX
# and templates all start with one of them.
_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}
_SHOWN = _BIDI_CONTROLS | _CONTROLS | _ENTITIES | {0x09: "&#9;"}


def show(text: str) -> str:
    """Any text as markup that displays it and does nothing else, in HTML and in Markdown."""
    visible = text.encode("utf-8", "replace").decode("utf-8")
    lines = _LINE_ENDS.split(visible)
    return "&#10;".join(line.translate(_SHOWN) for line in lines)


def plain(text: str) -> str:
    """Any text as one line for places that take no markup (a list of choices)."""
    return " ".join(text.translate(_BIDI_CONTROLS | _CONTROLS).split())


def isolate(text: str) -> str:
    """`show`, with its writing direction kept from its neighbours."""
    return f"<bdi>{show(text)}</bdi>"


def safe_url(url: str) -> str | None:
    """The address where it is a plain http or https one, else None."""
    if any(mark.isspace() or ord(mark) < 0x21 for mark in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def source_link(url: str) -> str:
    """A link that names the site it leads to, or the address as text where it is no web address."""
    if safe_url(url) is None:
        return f'<span class="address">{isolate(url)}</span>'
    site = urlsplit(url).hostname or ""
    return (
        f'<a class="original" href="{show(url)}" target="_blank" rel="noopener noreferrer">'
        f"Read the original at {isolate(site)}</a>"
    )
