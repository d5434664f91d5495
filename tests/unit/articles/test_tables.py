"""Tables: CSV and Parquet, columns found or given."""

from __future__ import annotations

import json
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.articles import load_articles
from assistant.articles.rows import csv_records
from assistant.articles.streams import opened
from assistant.errors import SourceError
from assistant.types import Article, Rejection
from tests.unit.articles.reading import BODY, articles, load, one, reason, rejected, write


def test_columns_are_found_by_how_people_name_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "Web URL;Headline;Body Text;publishedAt;Site-Name\n"
        f"https://e.example/1;Vote;{BODY};2024-05-14;Gazette\n",
    )
    item = one(path)
    assert (item.url, item.title, item.publisher) == ("https://e.example/1", "Vote", "Gazette")
    assert (item.text, item.published_at) == (BODY, datetime(2024, 5, 14, tzinfo=UTC))


def test_columns_that_are_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"kop,tekst,title\nStemming,{BODY},no title\n")
    item = one(path, mapping={"title": "kop", "text": "Tekst"})
    assert (item.title, item.text) == ("Stemming", BODY)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", f"kop,tekst\nx,{BODY}\n"),
        ("a.jsonl", json.dumps({"kop": "x", "tekst": BODY})),
        ("a.json", json.dumps([{"kop": "x", "tekst": BODY}])),
    ],
)
def test_a_column_that_does_not_exist_is_named_with_those_that_do(
    tmp_path: Path, name: str, content: str
) -> None:
    said = reason(write(tmp_path / name, content), mapping={"text": "body"})
    assert "'body'" in said
    assert "kop, tekst" in said


def test_a_field_that_does_not_exist_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="headline"):
        load_articles([tmp_path], mapping={"headline": "kop"})


def test_a_mapping_leaves_other_kinds_of_files_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", BODY)
    assert one(path, mapping={"text": "tekst"}).text == BODY


def test_a_table_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    text = "The council of Marlow voted for a new bridge. " * 40
    with path.open("w", encoding="utf-8") as file:
        file.write("url,text\n")
        for number in range(8_000):
            file.write(f'https://e.example/{number},"{text}"\n')
    tracemalloc.start()
    try:
        with opened(path) as stream:
            count = sum(isinstance(row, dict) for _, row in csv_records(stream, {}))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 8_000
    assert peak < 3_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1251"])
def test_encodings_of_tables(tmp_path: Path, encoding: str) -> None:
    word = "Совет города" if encoding == "cp1251" else "Café in Zürich"
    rows = "".join(
        f'{n},"{word} проголосовал {n}"\n' if encoding == "cp1251" else f'{n},"{word} {n}"\n'
        for n in range(99)
    )
    items = articles(write(tmp_path / "a.csv", f"url,text\n{rows}".encode(encoding)))
    assert len(items) == 99
    assert items[98].text.startswith(word)
    assert items[98].url == "98"


def test_accents_far_behind_plain_rows(tmp_path: Path) -> None:
    rows = "".join(f"{n},The council voted {n}\n" for n in range(2_000))
    raw = f"url,text\n{rows}".encode() + "2000,Café in Zürich".encode("cp1252")
    assert articles(write(tmp_path / "a.csv", raw))[-1].text == "Café in Zürich"


def test_a_quoted_cell_runs_over_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f'url,text\n1,"{BODY}\n\nSecond ""quoted"" one."\n2,{BODY}\n')
    first, second = articles(path)
    assert first.text == f'{BODY}\n\nSecond "quoted" one.'
    assert second.url == "2"


@pytest.mark.timeout(60)
def test_lines_of_millions_of_cells(tmp_path: Path) -> None:
    wide = b"," * 5_000_000
    assert "columns" in reason(write(tmp_path / "a.csv", wide + b"\n1\n"))
    first, second = load(write(tmp_path / "b.csv", b"url,text\n" + wide + b"\n2," + BODY.encode()))
    assert isinstance(first, Rejection)
    assert "cells" in first.reason
    assert isinstance(second, Article)
    long = b'url,text\n1,"' + b"x" * 25_000_000 + b'"\n2,' + BODY.encode()
    assert [type(item).__name__ for item in load(write(tmp_path / "c.csv", long))] == [
        "Rejection", "Article",
    ]  # fmt: skip


def test_a_table_broken_in_utf_16(tmp_path: Path) -> None:
    raw = f"url,text\n1,{BODY}\n".encode("utf-16") + b"\x00\xd8x"
    first, last = load(write(tmp_path / "a.csv", raw))
    assert isinstance(first, Article)
    assert isinstance(last, Rejection)


# -- Parquet ----------------------------------------------------------------------------------


def parquet(path: Path, columns: dict[str, list[object]], **options: object) -> Path:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path, **options)
    return path


def test_parquet_rows(tmp_path: Path) -> None:
    moment = datetime(2024, 5, 14, 8, tzinfo=UTC)
    path = parquet(
        tmp_path / "a.parquet",
        {
            "url": [f"https://e.example/{n}" for n in range(300)],
            "headline": ["Vote"] * 300,
            "body": [f"{BODY} {n}" for n in range(300)],
            "published": [moment] * 300,
            "authors": [["Ada Finch", "Jo Ode"]] * 300,
            "embedding": [[0.5] * 8] * 300,
        },
        row_group_size=100,
    )
    items = articles(path)
    assert [item.url for item in items] == [f"https://e.example/{n}" for n in range(300)]
    assert items[7].published_at == moment
    assert items[7].authors == ("Ada Finch", "Jo Ode")


def test_parquet_with_a_mapping(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", {"kop": ["Vote"], "tekst": [BODY]})
    assert one(path, mapping={"title": "kop", "text": "tekst"}).title == "Vote"
    assert "kop, tekst" in reason(path, mapping={"text": "body"})
    assert "kop, tekst" in reason(path)


def test_parquet_inside_a_packed_file(tmp_path: Path) -> None:
    import gzip

    raw = parquet(tmp_path / "a.parquet", {"text": [BODY]}).read_bytes()
    assert one(write(tmp_path / "b.parquet.gz", gzip.compress(raw))).text == BODY


def test_damaged_parquet(tmp_path: Path) -> None:
    raw = parquet(tmp_path / "a.parquet", {"text": [BODY] * 50}).read_bytes()
    assert "Parquet" in reason(write(tmp_path / "b.parquet", raw[: len(raw) // 2]))
    assert "Parquet" in reason(write(tmp_path / "c.parquet", b"words"))


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "news-assistant[parquet]" in reason(write(tmp_path / "a.parquet", b"PAR1"))
    assert len(rejected(tmp_path / "a.parquet")) == 1
