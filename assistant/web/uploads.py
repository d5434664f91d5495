"""Files given to the chat page, taken into the archive.

In: the temporary files of an upload. Out: a report of what the archive made of them.
Refuses to know: Gradio, and what is in a file beyond what `load_articles` reads.

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
    address = upload_address(path)
    places = (path.resolve().as_uri(), path.as_uri(), str(path.resolve()), str(path))
    for one in load_articles([path]):
        if isinstance(one, Rejection):
            yield replace(one, source=_replaced(one.source, places, path.name))
        else:
            yield replace(one, url=_replaced(one.url, places, address))


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
