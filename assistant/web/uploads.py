"""Files given to the chat page, taken into the archive.

In: the temporary files of an upload. Out: a report of what the archive made of them.
Refuses to know: Gradio, and what is in a file beyond what `load_articles` reads.

A name is only a claim: `mismatch` compares it with the first bytes, and `safe_name` leaves nothing
of a path in it.

An uploaded file has no address of its own, and its temporary path means nothing tomorrow. Articles
that bring an address keep it; the others get `upload:NAME?sha256=DIGEST` (the file's name and the
first 12 hex digits of its content's SHA-256, then `#ROW` for one of many). So the same file sent
twice is the same article, and another file of the same name never replaces it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant.articles import load_articles
from assistant.errors import NewsAssistantError
from assistant.types import Article, Rejection
from assistant.web import presentation

if TYPE_CHECKING:
    from assistant.archive.archive import Archive

logger = logging.getLogger(__name__)

SUFFIXES = (".txt", ".md", ".html", ".htm", ".json", ".jsonl", ".csv")
DIGEST_DIGITS = 12
LONGEST_NAME = 100
# Enough to see past a licence comment in front of a page's first tag.
SNIFFED_BYTES = 4096
# What other kinds of files begin with; none of them is an article in text form.
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, whose ASCII is full of NUL bytes
GENERAL_FAILURE = (
    "Something went wrong on the server while taking the files in; its log has the details. "
    "Articles already in the archive are unharmed: please try again."
)


def take_in(archive: Archive, paths: Sequence[Path]) -> str:
    """Ingest uploaded files, which can be asked about afterwards; returns the report to show."""
    names = [path.name for path in paths]
    try:
        summary = archive.ingest(one for path in paths for one in read_upload(path))
    except NewsAssistantError as error:
        return presentation.failed_report(str(error))
    except Exception:
        logger.exception("An upload failed.")
        return presentation.failed_report(GENERAL_FAILURE)
    counts = {
        "added": summary.added,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "of them copies of other articles": summary.copies,
    }
    return presentation.upload_report(names, counts, summary.rejected)


def read_upload(path: Path) -> Iterator[Article | Rejection]:
    """The articles of one uploaded file, under addresses that do not depend on where it lies."""
    reason = mismatch(path)
    if reason:
        yield Rejection(path.name, reason)
        return
    address = upload_address(path)
    places = (path.resolve().as_uri(), path.as_uri(), str(path.resolve()), str(path))
    for one in load_articles([path]):
        if isinstance(one, Rejection):
            yield replace(one, source=_replaced(one.source, places, path.name))
        else:
            yield replace(one, url=_replaced(one.url, places, address))


def safe_name(claimed: str) -> str:
    """The last part of a file name that somebody sent, fit for a name in a folder of ours."""
    last = claimed.replace("\\", "/").rpartition("/")[2]
    kept = "".join(mark for mark in last if mark.isprintable()).strip().lstrip(".")
    kept = kept.encode("utf-8", "ignore").decode()
    if len(kept) > LONGEST_NAME:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[: LONGEST_NAME - len(suffix) - 1]}{dot}{suffix}"[-LONGEST_NAME:]
    return kept or "unnamed"


def mismatch(path: Path) -> str | None:
    """Why the content of a file cannot be what its name says; None where it can."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if suffix not in SUFFIXES:
        return None  # the loader names the kinds that it reads
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return f"Named {suffix}, but the content is {kind}."
    if b"\0" in head and not head.startswith(_WIDE_MARKS):
        return f"Named {suffix}, but the content is not text."
    if suffix in (".html", ".htm") and head.strip() and b"<" not in head:
        return f"Named {suffix}, but the content has no tag."
    return None


def upload_address(path: Path) -> str:
    """The stable address of an uploaded file, from its name and content."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_DIGITS]
    return f"upload:{quote(path.name)}?sha256={digest}"


def _replaced(text: str, places: Sequence[str], name: str) -> str:
    for place in places:
        if place in text:
            return text.replace(place, name)
    return text
