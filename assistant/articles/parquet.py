"""Parquet tables.

In: a stream. Out: (number of the row, values by column name) one by one, a row group at a time,
only the columns that an article can use. Raises DecodeError without pyarrow and for damaged files.
Refuses to know: paths, Articles.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from assistant.articles.decode import DecodeError
from assistant.articles.fields import SYNONYMS, spelled_alike
from assistant.articles.mapping import Mapped, missing_column
from assistant.articles.records import Record
from assistant.articles.streams import seekable

_ROWS_AT_A_TIME = 64


def parquet_records(stream: io.BufferedReader, mapping: Mapped) -> Iterator[Record]:
    """One record a row, counted from 1."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise DecodeError(
            "Parquet needs pyarrow: pip install 'news-assistant[parquet]', then try again."
        ) from error
    try:
        table = pq.ParquetFile(seekable(stream))
        names = table.schema_arrow.names
        if problem := missing_column(mapping, names):
            raise DecodeError(problem)
        useful = _useful(names, mapping)
        if not useful:
            raise DecodeError(
                f"No column is an article's; map them. The columns: {', '.join(names)}."
            )
        number = 0
        for batch in table.iter_batches(batch_size=_ROWS_AT_A_TIME, columns=useful):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DecodeError(
            f"Not readable as Parquet: {' '.join(str(error).split())[:160]}."
        ) from error


def _useful(names: list[str], mapping: Mapped) -> list[str]:
    known = {spelled_alike(name) for synonyms in SYNONYMS.values() for name in synonyms}
    asked = {column.strip().lower() for column in mapping.values()}
    return [name for name in names if spelled_alike(name) in known or name.strip().lower() in asked]
