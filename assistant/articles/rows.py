"""Tables as text: CSV, semicolons and tabs too.

In: a binary stream. Out: (number of the row, cells by column name or reason) one by one, in flat
memory however long the file is. Refuses to know: paths, Articles, what a column means.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from assistant.articles.decode import DecodeError, decode, encoding_of
from assistant.articles.mapping import Mapped, missing_column
from assistant.articles.records import Record, line_reader
from assistant.articles.streams import first_bytes, raise_damage

_LONGEST_LINE = 20_000_000
_LONGEST_CELL = 20_000_000
_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 1_000
# Commas in one line: those of a long text in quotes, and far fewer than would take all memory as
# cells of their own.
_MOST_DELIMITERS = 1_000_000


def csv_records(stream: io.BufferedReader, mapping: Mapped) -> Iterator[Record]:
    """One record a row under a header; the number is the row's, counted after the header.

    Raises DecodeError for what is no text, and where a UTF-16 file breaks off.
    """
    csv.field_size_limit(_LONGEST_CELL)
    try:
        lines = _Lines(stream)
    except csv.Error as error:
        yield 1, f"The line of column names is not readable as CSV: {error}."
        return
    # strict: a quote that never closes would swallow the rows behind it without a word.
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    header, problem = _header(reader)
    problem = problem or missing_column(mapping, [name for name in header if name.strip()])
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


class _Lines:
    """The lines of a table as text, with their ends; a line that is too much is a csv.Error."""

    def __init__(self, stream: io.BufferedReader) -> None:
        sample = first_bytes(stream)
        if not sample.strip():
            raise DecodeError("The file is empty.")
        if b"\0" in sample and sample[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise DecodeError("A binary file, not text.")
        self._encoding = None if _may_be_utf8(sample) else encoding_of(sample)
        self._stream = stream
        self._read_line = line_reader(stream)
        self._first: str | None = self._next().removeprefix("\ufeff")
        self.delimiter = max(_DELIMITERS, key=self._first.count)
        if self._first.count(self.delimiter) >= _MOST_COLUMNS:
            raise DecodeError(
                f"The file has {self._first.count(self.delimiter) + 1:,} columns; the most is "
                f"{_MOST_COLUMNS:,}."
            )

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._first is not None:
            line, self._first = self._first, None
        else:
            line = self._next()
        if not line:
            raise StopIteration
        if line.count(self.delimiter) > _MOST_DELIMITERS:
            raise csv.Error(f"a line of more than {_MOST_DELIMITERS:,} cells")
        return line

    def _next(self) -> str:
        try:
            line = self._read_line(_LONGEST_LINE + 1)
            if line and not line.endswith(b"\n"):
                raise_damage(self._stream)  # half a row is none
        except UnicodeDecodeError as error:
            raise DecodeError("Broken UTF-16 from here on; save the file as UTF-8.") from error
        if len(line) > _LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = self._read_line(_LONGEST_LINE)
            raise csv.Error(f"a line longer than {_LONGEST_LINE:,} bytes")
        for encoding in filter(None, ("utf-8", self._encoding)):
            try:
                return line.decode(encoding)
            except UnicodeDecodeError:
                continue
        # The first line that is no UTF-8 decides for all: a guess a line would change its mind.
        self._encoding = self._encoding or encoding_of(line)
        return decode(line, declared=self._encoding)


def _may_be_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _header(reader: Iterator[list[str]]) -> tuple[list[str], str | None]:
    """The column names, and what is wrong with them."""
    try:
        header = next(reader, [])
    except csv.Error as error:
        return [], f"The line of column names is not readable as CSV: {error}."
    names = [name.strip().lower() for name in header if name.strip()]
    for name in names:
        if names.count(name) > 1:
            return [], f"The column name {name!r} stands twice; rename or remove one."
    return header, None
