"""Files of many records: JSON and JSON Lines.

In: a binary stream. Out: (number in the file, record or reason) one by one, in flat memory for
JSON Lines. Refuses to know: paths, Articles, what a record means.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from assistant.articles.decode import decode
from assistant.articles.streams import LARGEST_TABLE, read_whole

Record = tuple[int, dict[str, Any] | str]

LONGEST_LINE = 50_000_000
_HELD_IN = ("articles", "items", "results", "data", "documents")


def json_records(stream: io.BufferedReader) -> Iterator[Record]:
    """The records of one JSON value: an object, a list, or an object that holds a list."""
    try:
        value = _loads(decode(read_whole(stream, LARGEST_TABLE)))
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


def jsonl_records(stream: io.BufferedReader) -> Iterator[Record]:
    """One record a line; the number is the line's."""
    number = 0
    read_line = line_reader(stream)
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


def line_reader(stream: io.BufferedReader) -> Callable[[int], bytes]:
    """Reads one line as UTF-8, or at most as much as it is asked for.

    The lines of a UTF-16 file (it begins with its mark) end in two bytes: they are cut as text.
    """
    if stream.peek(2)[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
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
