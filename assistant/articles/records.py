"""Files of many records: JSON, JSON Lines, CSV.

In: a binary stream. Out: (place in the file, fields or reason) one by one, in flat memory for the
line formats. Refuses to know: paths, Articles.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import IO, Any

from assistant.articles.decode import DecodeError, decode

Record = tuple[int, dict[str, Any] | str]

LONGEST_LINE = 50_000_000
_LONGEST_CELL = 10_000_000
_MOST_COLUMNS = 1_000
_HELD_IN = ("articles", "items", "results", "data", "documents")


def json_records(stream: IO[bytes]) -> Iterator[Record]:
    """The records of one JSON value: an object, a list, or an object that holds a list."""
    try:
        value = _loads(decode(stream.read()))
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
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            yield number, f"The line is longer than {LONGEST_LINE:,} bytes."
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST_LINE)
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
    csv.field_size_limit(_LONGEST_CELL)
    try:
        text = decode(stream.read())
        dialect = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except DecodeError as error:
        yield 1, str(error)
        return
    except csv.Error:
        dialect = csv.excel
    reader = csv.reader(io.StringIO(text, newline=""), dialect)
    number = 0
    try:
        header = next(reader, [])
        if len(header) > _MOST_COLUMNS:
            yield 1, f"The file has {len(header):,} columns; the most is {_MOST_COLUMNS:,}."
            return
        for row in reader:
            number += 1
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                yield number, f"The row has {len(row)} cells under {len(header)} column names."
                continue
            yield number, dict(zip(header, row, strict=False))
    except csv.Error as error:
        yield number + 1, f"Not readable as CSV: {error}."


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
    return str(error)
