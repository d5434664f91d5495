"""Find the article files under paths and turn each into Articles or Rejections.

In: paths of files and folders. Out: Articles and Rejections in a stable order, one at a time.
Refuses to know: archives. A bad file, line or field is a Rejection and the rest goes on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from assistant.articles.clean import clean_text
from assistant.articles.fields import FieldError, build_article
from assistant.articles.kinds import KNOWN_SUFFIXES
from assistant.articles.mapping import Mapped, checked_mapping
from assistant.articles.packed import worth_reading
from assistant.articles.places import Fields, Place
from assistant.articles.sources import Reading, read_source, said
from assistant.articles.streams import Budget, PackedError, opened
from assistant.errors import SourceError
from assistant.types import Article, Rejection


def load_articles(
    paths: Iterable[Path | str],
    *,
    on_reject: Callable[[Rejection], None] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Article | Rejection]:
    """Everything under `paths`, files in sorted order: an Article or a Rejection each.

    Text, Markdown, saved pages, JSON, JSON Lines, CSV, Parquet, ninjs, NewsML-G2, NITF, WARC and
    WACZ, mbox and EML, PDF, DOCX, and zip, tar, gzip and bzip2 files of them. Folders are walked,
    hidden files and other kinds in them passed over. `mapping` says from which column or key of a
    table or JSON record a field is taken ({"title": "headline"}). `on_reject` is called with each
    Rejection as well. Raises SourceError, before anything is read, for a path that does not exist
    or a mapping of what is no field.
    """
    fields_from = checked_mapping(mapping)
    if isinstance(paths, (str, Path)):
        paths = [paths]
    named = [Path(path) for path in paths]
    for path in named:
        try:
            path.stat()
        except FileNotFoundError as error:
            raise SourceError(f"There is no file or folder {path}.") from error
        except (OSError, ValueError) as error:
            raise SourceError(f"Cannot read {path}: {said(error)}.") from error
    return _load(named, fields_from, on_reject)


def _load(
    named: list[Path], mapping: Mapped, on_reject: Callable[[Rejection], None] | None
) -> Iterator[Article | Rejection]:
    for path in named:
        for file in _files(path):
            for item in [file] if isinstance(file, Rejection) else _read(file, mapping):
                if on_reject and isinstance(item, Rejection):
                    on_reject(item)
                yield item


def _files(path: Path) -> Iterator[Path | Rejection]:
    """The path itself, or the article files below a folder; links to folders are not followed."""
    if path.is_dir():
        yield from _walk(path)
    else:
        yield path


def _walk(folder: Path) -> Iterator[Path | Rejection]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(
                (entry for entry in listing if not entry.name.startswith(".")),
                key=lambda entry: entry.name,
            )
    except OSError as error:
        yield Rejection(str(folder), f"The folder cannot be read: {said(error)}.")
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        elif worth_reading(entry.name) and not _links_to_folder(path):
            yield path


def _links_to_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _read(path: Path, mapping: Mapped) -> Iterator[Article | Rejection]:
    try:
        listed = path.stat()
        # Opening a pipe would wait for its writer for ever.
        if not stat.S_ISREG(listed.st_mode):
            yield Rejection(str(path), "Not a regular file (a pipe, socket or device).")
            return
        with opened(path) as stream:
            reading = Reading(Budget(listed.st_size), mapping)
            for found in read_source(stream, path.name, Place.of(path), reading):
                yield _built(*found)
    except (OSError, PackedError) as error:
        yield Rejection(
            str(path),
            str(error) if isinstance(error, PackedError) else f"Cannot be read: {said(error)}.",
        )


def _built(place: Place, found: Fields | str) -> Article | Rejection:
    if isinstance(found, str):
        return Rejection(place.source, found)
    try:
        return build_article(found, fallback_url=place.url)
    except FieldError as error:
        return Rejection(place.source, str(error))


__all__ = ["KNOWN_SUFFIXES", "clean_text", "load_articles"]
