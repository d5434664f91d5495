"""Files of every kind: read, or rejected with path and reason; never an exception."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.articles import load_articles
from assistant.articles.fields import FieldError, build_article, parse_moment
from assistant.errors import SourceError
from assistant.types import Article, Rejection

BODY = "The council of Marlow voted for a new bridge on Tuesday. Work begins in May."


def load(*paths: Path) -> list[Article | Rejection]:
    return list(load_articles(paths))


def one(path: Path) -> Article:
    (item,) = load(path)
    assert isinstance(item, Article), item
    return item


def reason(path: Path) -> str:
    (item,) = load(path)
    assert isinstance(item, Rejection), item
    assert str(path) in item.source
    return item.reason


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_text_with_headline_and_dated_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", f"Bridge vote in Marlow\n\nPublished May 14, 2024\n\n{BODY}\n")
    article = one(path)
    assert (article.title, article.text) == ("Bridge vote in Marlow", BODY)
    assert article.published_at == datetime(2024, 5, 14, tzinfo=UTC)
    assert article.url == path.as_uri()


def test_text_without_date_stays_undated(tmp_path: Path) -> None:
    assert one(write(tmp_path / "a.txt", BODY)).published_at is None


def test_markdown_front_matter(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.md",
        "---\nurl: https://e.example/1\nheadline: Vote\ndate: 2024-05-14\nsource: Gazette\n"
        f"byline: By Ada Finch and Jo Ode\n---\n\n{BODY}\n",
    )
    article = one(path)
    assert (article.url, article.title, article.publisher) == (
        "https://e.example/1",
        "Vote",
        "Gazette",
    )
    assert article.authors == ("Ada Finch", "Jo Ode")


def test_markdown_heading_is_the_title(tmp_path: Path) -> None:
    assert one(write(tmp_path / "a.md", f"# Vote\n\n{BODY}")).title == "Vote"


def test_html_body_and_metadata(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.html",
        "<html><head><title>Vote | Gazette</title>"
        '<meta property="og:title" content="Bridge vote">'
        '<meta property="article:published_time" content="2024-05-14T08:00:00+00:00">'
        '<link rel="canonical" href="https://e.example/vote"></head><body><nav>Home News</nav>'
        f"<article><h1>Bridge vote</h1><p>{BODY}</p><p>{BODY} Twice as long as planned.</p>"
        "</article><footer>All rights reserved</footer></body></html>",
    )
    article = one(path)
    assert article.title == "Bridge vote"
    assert article.published_at
    assert article.published_at.date().isoformat() == "2024-05-14"
    assert "council of Marlow" in article.text
    assert "Home News" not in article.text


def test_records_of_all_kinds(tmp_path: Path) -> None:
    records = [{"link": f"https://e.example/{n}", "body": BODY, "headline": "V"} for n in (1, 2)]
    write(tmp_path / "a.json", json.dumps({"articles": records}))
    write(tmp_path / "b.jsonl", "\n".join(map(json.dumps, records)))
    write(tmp_path / "c.jsonl.gz", gzip.compress(json.dumps(records[0]).encode()))
    write(tmp_path / "d.csv", f'url,title,text\nhttps://e.example/9,V,"{BODY}"\n')
    items = load(tmp_path)
    assert [item.url for item in items if isinstance(item, Article)] == [
        "https://e.example/1", "https://e.example/2", "https://e.example/1",
        "https://e.example/2", "https://e.example/1", "https://e.example/9",
    ]  # fmt: skip


def test_one_bad_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    good = json.dumps({"url": "u", "text": BODY})
    path = write(tmp_path / "a.jsonl", f"{good}\n{{broken\n[1]\n{good}\n")
    items = load(path)
    assert [type(item).__name__ for item in items] == [
        "Article", "Rejection", "Rejection", "Article",
    ]  # fmt: skip
    assert isinstance(items[1], Rejection)
    assert items[1].source == f"{path}:2"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"  \n ", "empty"),
        ("a.txt", b"\x00\x01\x02binary", "binary"),
        ("a.xyz", b"words", "not read"),
        ("a.md", b"---\n: [\n---\nbody", "YAML"),
        ("a.json", b"{", "JSON"),
        ("a.json", b"7", "object or a list"),
        ("a.json", b'{"text": "x", "text": "y"}', "twice"),
        ("a.json", b'{"title": "no body"}', "No text"),
        ("a.json", b'{"text": 7}', "number"),
        ("a.json", b'{"text": ["x"]}', "list"),
        ("a.json", b'{"text": "x y", "date": "2024-02-31"}', "no date"),
        ("a.json", b'{"text": "x y", "date": "someday"}', "no date"),
        ("a.json", b'{"text": "x y", "date": "2999-01-01"}', "future"),
        ("a.json", b'{"text": "\\ud800 broken"}', "Unicode"),
        ("a.json", b"[" * 100_000, "JSON"),
        ("a.jsonl", b"", "no records"),
        ("a.jsonl.gz", b"not gzip", "Cannot be read"),
        ("a.csv", b"url,text\n1,2,3\n", "cells"),
        ("a.csv", b",".join([b"c"] * 2_000), "columns"),
        ("a.html", b"<html><body></body></html>", "No article text"),
    ],
)
def test_rejections_say_why(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    assert words in reason(write(tmp_path / name, content))


def test_a_line_of_60_mb_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "' + b"x" * 60_000_000 + b'"}\n')
        file.write(json.dumps({"url": "u", "text": BODY}).encode() + b"\n")
    first, second = load(path)
    assert isinstance(first, Rejection)
    assert "longer" in first.reason
    assert isinstance(second, Article)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Café workers in Zürich struck on Tuesday – “a first”, said the mayor. " * 5
    assert "Zürich" in one(write(tmp_path / "a.txt", text.encode(encoding))).text


def test_missing_path_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        load_articles([tmp_path, tmp_path / "nowhere"])


def test_folder_walk_is_sorted_and_skips_what_is_no_article(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden.txt", "README.md", "questions.jsonl", "x.bin"):
        write(tmp_path / name, BODY)
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub" / "c.txt", BODY)
    (tmp_path / "loop").symlink_to(tmp_path)
    names = [Path(item.url).name for item in load(tmp_path) if isinstance(item, Article)]
    assert names == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2022-09-21", "2022-09-21T00:00:00+00:00"),
        ("2022-09-21T18:30:00+02:00", "2022-09-21T18:30:00+02:00"),
        ("Wed, 21 Sep 2022 18:30:00 GMT", "2022-09-21T18:30:00+00:00"),
        ("September 21, 2022", "2022-09-21T00:00:00+00:00"),
        ("Sept. 21st, 2022", "2022-09-21T00:00:00+00:00"),
        ("21 Sep 2022", "2022-09-21T00:00:00+00:00"),
        ("1663763400", "2022-09-21T12:30:00+00:00"),
    ],
)
def test_dates(value: str, expected: str) -> None:
    assert parse_moment(value)[0].isoformat() == expected


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from([".txt", ".md", ".json", ".jsonl", ".csv", ".jsonl.gz", ".html"]),
    st.binary(max_size=300),
)
def test_any_bytes_give_articles_or_rejections(tmp_path: Path, suffix: str, raw: bytes) -> None:
    for item in load(write(tmp_path / f"any{suffix}", raw)):
        assert isinstance(item, (Article, Rejection))


@given(
    st.dictionaries(
        st.sampled_from(["url", "title", "text", "date", "author", "source", "updated"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.floats(),
    )
)
def test_any_fields_give_an_article_or_a_field_error(fields: dict[str, object]) -> None:
    try:
        article = build_article(fields, fallback_url="file:///x")
    except FieldError:
        return
    assert article.text
    assert article.published_at is None or article.published_at.tzinfo
