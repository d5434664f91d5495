"""PDF files, page by page.

In: the bytes of a PDF. Out: fields for `build_article`, with the text of each page. Raises
DecodeError for what is locked, scanned or damaged. Refuses to know: paths.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from datetime import datetime
from typing import Any

from assistant.articles.decode import DecodeError
from assistant.articles.documents import sane_moment, sane_title
from assistant.articles.fields import PAGES
from assistant.articles.places import Fields

_MOST_PAGES = 2_000
_LONGEST_TEXT = 5_000_000
# pypdf says of damaged files whatever the line that met the damage happens to raise.
_DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError,
    RecursionError, TypeError, ValueError,
)  # fmt: skip
_SENTENCE_END = re.compile(r"[.!?:”\"'’)]$")
# A line this much shorter than the longest, ending a sentence, ends its paragraph; a far shorter
# one does so too (a heading) where the next does not go on in small letters.
_SHORT_LINE = 0.8
_HEADING_LINE = 0.6
_HYPHEN = re.compile(r"(?<=[a-zà-ÿ])-$")
_RUNNING_SHARE = 0.6
_FEWEST_PAGES = 3


def pdf_fields(raw: bytes) -> Fields:
    """The text of each page, and of the metadata what is sane."""
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    # It warns of every oddity of a file; what matters is said in the rejection.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DecodeError(
                "The PDF is locked with a password; save it without one (qpdf --decrypt)."
            )
        if len(reader.pages) > _MOST_PAGES:
            raise DecodeError(f"The PDF has more than {_MOST_PAGES:,} pages; split it.")
        pages = _texts(reader)
        title, created, author = _metadata(reader)
    except DecodeError:
        raise
    except DependencyError as error:
        raise DecodeError(f"The PDF is encrypted: pip install cryptography ({error}).") from error
    except (PyPdfError, *_DAMAGE) as error:
        detail = " ".join(str(error).split())[:160] or type(error).__name__
        raise DecodeError(f"The PDF is damaged: {detail}.") from error
    if not any(pages):
        raise DecodeError(
            f"The PDF has no text on its {len(pages)} pages: scanned, it seems. Run text "
            "recognition over it (ocrmypdf) and try again."
        )
    return {PAGES: pages, "text": "\n", "title": title, "published_at": created, "authors": author}


def _texts(reader: Any) -> list[str]:
    """The pages' paragraphs, without the lines that head or foot most pages."""
    pages: list[list[str]] = []
    size = 0
    for page in reader.pages:
        lines = [" ".join(line.split()) for line in page.extract_text().split("\n")]
        size += sum(map(len, lines))
        if size > _LONGEST_TEXT:
            raise DecodeError(f"The PDF holds more than {_LONGEST_TEXT:,} characters; split it.")
        pages.append(lines)
    running = _running_lines(pages)
    return [
        "\n\n".join(_paragraphs([one for one in page if _key(one) not in running]))
        for page in pages
    ]


def _running_lines(pages: list[list[str]]) -> set[str]:
    """First and last lines that stand on most pages, their page numbers aside."""
    if len(pages) < _FEWEST_PAGES:
        return set()
    ends = Counter(
        key
        for page in pages
        for key in {_key(line) for line in [*filter(None, page)][:1] + [*filter(None, page)][-1:]}
    )
    return {key for key, times in ends.items() if times >= _RUNNING_SHARE * len(pages)}


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines broken at the column's edge joined again; an empty line always parts."""
    longest = max(map(len, lines), default=0)
    found: list[str] = []
    current = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line and current:
            # "govern-\nment": the hyphen at the edge is the typesetter's.
            broken = _HYPHEN.search(current) and line[0].islower()
            current = current[:-1] + line if broken else f"{current} {line}"
        elif line:
            current = line
        heading = len(line) < _HEADING_LINE * longest and not following[:1].islower()
        ends = len(line) < _SHORT_LINE * longest and _SENTENCE_END.search(line)
        if not line or heading or ends:
            if current:
                found.append(current)
            current = ""
    return [*found, current] if current else found


def _metadata(reader: Any) -> tuple[str | None, datetime | None, str | None]:
    given = reader.metadata
    if given is None:
        return None, None, None
    try:
        created = sane_moment(given.creation_date)
    except _DAMAGE:
        created = None
    author = given.author if isinstance(given.author, str) else None
    return sane_title(given.title if isinstance(given.title, str) else None), created, author
