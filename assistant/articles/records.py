"""Files of many records: JSON, JSON Lines, CSV.

In: a binary stream. Out: (place in the file, fields or reason) one by one, in flat memory for the
line formats. Refuses to know: paths, Articles.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import IO, Any

from assistant.articles.decode import DecodeError, decode

Record = tuple[int, dict[str, Any] | str]

LONGEST_LINE = 50_000_000
# These two kinds are read whole, so a packed bomb or a huge dump would take all memory.
LARGEST_FILE = 200_000_000
_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 1_000
_HELD_IN = ("articles", "items", "results", "data", "documents")


def json_records(stream: IO[bytes]) -> Iterator[Record]:
    """The records of one JSON value: an object, a list, or an object that holds a list."""
    try:
        value = _loads(decode(_read_whole(stream)))
    except (ValueError, RecursionError) as error:
        yield 1, _reason(error)
        return
    if isinstance(value, dict):
        held = next((value[name] for name in _HELD_IN if isinstance(value.get(name), list)), None)
        value = held if held is not None else [value]
    if not isinstance(value, list):
        yield 1, "The file must hold an object or a list of objects."
        return
    for number, record in enumerate(value, 1):
        yield number, record if isinstance(record, dict) else "The record is not an object."


def jsonl_records(stream: IO[bytes]) -> Iterator[Record]:
    """One record a line; the number is the line's."""
    number = 0
    read_line = _line_reader(stream)
    while True:
        number += 1
        try:
            line = read_line(LONGEST_LINE + 1)
        except UnicodeDecodeError:
            yield number, "Broken UTF-16 from here on; save the file as UTF-8."
            return
        if not line:
            return
        if len(line) > LONGEST_LINE:
            yield number, f"The line is longer than {LONGEST_LINE:,} bytes."
            while line and not line.endswith(b"\n"):
                line = read_line(LONGEST_LINE)
            continue
        if not line.strip():
            continue
        try:
            record = _loads(decode(line))
        except (ValueError, RecursionError) as error:
            yield number, _reason(error)
            continue
        yield number, record if isinstance(record, dict) else "The line is not a JSON object."


def csv_records(stream: IO[bytes]) -> Iterator[Record]:
    """One record a row under a header; the number is the row's, counted after the header."""
    csv.field_size_limit(LARGEST_FILE)
    try:
        text = decode(_read_whole(stream))
    except ValueError as error:
        yield 1, str(error)
        return
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    # strict: a quote that never closes would swallow the rows behind it without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header, problem = _header(reader)
    if problem:
        yield 1, problem
        return
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"The row, and any it runs on into, is not readable as CSV: {error}."
            continue
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            yield number, f"The row has {len(row)} cells under {len(header)} column names."
            continue
        yield number, dict(zip(header, row, strict=False))


def _header(reader: Iterator[list[str]]) -> tuple[list[str], str | None]:
    """The column names, and what is wrong with them."""
    try:
        header = next(reader, [])
    except csv.Error as error:
        return [], f"The line of column names is not readable as CSV: {error}."
    if len(header) > _MOST_COLUMNS:
        return [], f"The file has {len(header):,} columns; the most is {_MOST_COLUMNS:,}."
    names = [name.strip().lower() for name in header if name.strip()]
    for name in names:
        if names.count(name) > 1:
            return [], f"The column name {name!r} stands twice; rename or remove one."
    return header, None


def _read_whole(stream: IO[bytes]) -> bytes:
    raw = stream.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise DecodeError(f"Larger than {LARGEST_FILE:,} bytes; split it or use JSON Lines.")
    return raw


def _line_reader(stream: IO[bytes]) -> Callable[[int], bytes]:
    """Reads one line as UTF-8, or at most as much as it is asked for.

    The lines of a UTF-16 file (it begins with its mark) end in two bytes: they are cut as text.
    """
    mark = stream.read(2)
    stream.seek(0)
    if mark not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return stream.readline
    lines = io.TextIOWrapper(stream, encoding="utf-16", newline="\n")
    return lambda most: lines.readline(most).encode()


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_no_duplicates)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"The key {name!r} stands twice in one object; keep one of them.")
        fields[name] = value
    return fields


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "The JSON is nested too deeply."
    if isinstance(error, json.JSONDecodeError):
        return f"Not valid JSON: {error.msg} at column {error.colno}."
    if "integer string conversion" in str(error):
        return "A number in it has thousands of digits; write it as text."
    return str(error)
