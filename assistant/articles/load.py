"""Find the article files under paths and turn each into Articles or Rejections.

In: paths of files and folders. Out: Articles and Rejections in a stable order, one at a time.
Refuses to know: archives. A bad file, line or field is a Rejection and the rest goes on.
"""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from assistant.articles.clean import clean_text
from assistant.articles.decode import DecodeError, decode
from assistant.articles.fields import FieldError, build_article
from assistant.articles.pages import page_fields
from assistant.articles.records import Record, csv_records, json_records, jsonl_records
from assistant.articles.texts import markdown_fields, text_fields
from assistant.errors import SourceError
from assistant.types import Article, Rejection

_WHOLE: dict[str, Callable[[bytes], dict[str, Any]]] = {
    ".txt": lambda raw: text_fields(decode(raw)),
    ".md": lambda raw: markdown_fields(decode(raw)),
    ".markdown": lambda raw: markdown_fields(decode(raw)),
    ".html": page_fields,
    ".htm": page_fields,
}
_MANY: dict[str, Callable[[IO[bytes]], Iterator[Record]]] = {
    ".json": json_records,
    ".jsonl": jsonl_records,
    ".ndjson": jsonl_records,
    ".csv": csv_records,
}
KNOWN_SUFFIXES = (*_WHOLE, *_MANY, *(f"{suffix}.gz" for suffix in (*_WHOLE, *_MANY)))
# Beside articles, a folder may hold these; named outright they are read like any other file.
NOT_ARTICLES = frozenset(
    {"readme.md", "sources.md", "license.md", "questions.jsonl", "examples.json"}
)
_LARGEST_WHOLE = 50_000_000


def load_articles(
    paths: Iterable[Path | str],
    *,
    on_reject: Callable[[Rejection], None] | None = None,
) -> Iterator[Article | Rejection]:
    """Everything under `paths`, files in sorted order: an Article or a Rejection each.

    `.txt .md .html .json .jsonl .csv`, plain or gzipped; folders are walked, hidden files and
    other kinds in them passed over. `on_reject` is called with each Rejection as well. Raises
    SourceError, before anything is read, for a path that does not exist.
    """
    if isinstance(paths, (str, Path)):
        paths = [paths]
    named = [Path(path) for path in paths]
    for path in named:
        try:
            path.stat()
        except FileNotFoundError as error:
            raise SourceError(f"There is no file or folder {path}.") from error
        except (OSError, ValueError) as error:
            raise SourceError(f"Cannot read {path}: {_said(error)}.") from error
    return _load(named, on_reject)


def _load(
    named: list[Path], on_reject: Callable[[Rejection], None] | None
) -> Iterator[Article | Rejection]:
    for path in named:
        for file in _files(path):
            for item in [file] if isinstance(file, Rejection) else _read(file):
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
        yield Rejection(str(folder), f"The folder cannot be read: {_said(error)}.")
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        elif (
            _suffix(path) in KNOWN_SUFFIXES
            and entry.name.lower() not in NOT_ARTICLES
            and not _links_to_folder(path)
        ):
            yield path


def _links_to_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])


def _read(path: Path) -> Iterator[Article | Rejection]:
    suffix = _suffix(path)
    if suffix not in KNOWN_SUFFIXES:
        kinds = " ".join((*_WHOLE, *_MANY))
        yield Rejection(str(path), f"Files of this kind are not read. Known: {kinds} (and .gz).")
        return
    opening = gzip.open if suffix.endswith(".gz") else open
    kind = suffix.removesuffix(".gz")
    try:
        # Opening a pipe would wait for its writer for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            yield Rejection(str(path), "Not a regular file (a pipe, socket or device).")
            return
        with cast(IO[bytes], opening(path, "rb")) as stream:
            if kind in _WHOLE:
                yield _whole(path, kind, stream)
            else:
                yield from _many(path, kind, stream)
    except (OSError, EOFError, zlib.error) as error:
        yield Rejection(str(path), f"Cannot be read: {_said(error)}.")


def _whole(path: Path, kind: str, stream: IO[bytes]) -> Article | Rejection:
    raw = stream.read(_LARGEST_WHOLE + 1)
    if len(raw) > _LARGEST_WHOLE:
        return Rejection(str(path), f"Larger than {_LARGEST_WHOLE:,} bytes, no single article.")
    try:
        fields = _WHOLE[kind](raw)
        if not fields:
            raise FieldError("No article text was found on the page.")
        return build_article(fields, fallback_url=path.resolve().as_uri())
    except (DecodeError, FieldError) as error:
        return Rejection(str(path), str(error))


def _many(path: Path, kind: str, stream: IO[bytes]) -> Iterator[Article | Rejection]:
    base = path.resolve().as_uri()
    found = False
    for number, record in _MANY[kind](stream):
        found = True
        place = f"{path}:{number}"
        if isinstance(record, str):
            yield Rejection(place, record)
            continue
        try:
            yield build_article(record, fallback_url=f"{base}#{number}")
        except FieldError as error:
            yield Rejection(place, str(error))
    if not found:
        yield Rejection(str(path), "The file holds no records.")


__all__ = ["KNOWN_SUFFIXES", "clean_text", "load_articles"]
