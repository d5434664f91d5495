"""Files of every kind: read, or rejected with path and reason; never an exception."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.articles import load_articles
from assistant.articles.fields import FieldError, build_article
from assistant.articles.moments import parse_moment
from assistant.errors import SourceError
from assistant.types import Article, Rejection
from tests.unit.articles.reading import BODY, load, one, reason, write


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


def test_markdown_saved_on_windows_keeps_its_front_matter(tmp_path: Path) -> None:
    article = one(write(tmp_path / "a.md", f"---\r\ntitle: T\r\ndate: 2024-05-14\r\n---\r\n{BODY}"))
    assert (article.title, article.text) == ("T", BODY)
    assert article.published_at == datetime(2024, 5, 14, tzinfo=UTC)


def test_front_matter_is_taken_as_written(tmp_path: Path) -> None:
    article = one(write(tmp_path / "a.md", f"---\ntitle: 2022\nlanguage: no\ndate: ~\n---\n{BODY}"))
    assert (article.title, article.language, article.published_at) == ("2022", "no", None)
    assert one(write(tmp_path / "b.md", f"---\n\n{BODY}\n\n---\n\nMore.")).text.startswith(BODY)


def test_text_with_byline_and_two_dates(tmp_path: Path) -> None:
    article = one(
        write(
            tmp_path / "a.txt",
            "Bridge vote in Marlow\nBy Ada Finch\nPublished: May 14, 2024 at 3:42 PM EDT\n"
            f"Updated: May 15, 2024\n\n{BODY}",
        )
    )
    assert (article.title, article.authors) == ("Bridge vote in Marlow", ("Ada Finch",))
    assert article.text == BODY
    assert article.published_at == datetime(2024, 5, 14, 19, 42, tzinfo=UTC)
    assert article.updated_at == datetime(2024, 5, 15, tzinfo=UTC)


def test_an_updated_line_is_no_publication_date(tmp_path: Path) -> None:
    article = one(write(tmp_path / "a.txt", f"Bridge vote\n\nUpdated May 15, 2024\n\n{BODY}"))
    assert article.published_at is None
    assert article.updated_at == datetime(2024, 5, 15, tzinfo=UTC)


def test_a_dateline_dates_the_text_and_stays(tmp_path: Path) -> None:
    text = f"MARLOW, May 14, 2024 (Gazette) - {BODY}"
    article = one(write(tmp_path / "a.txt", f"Bridge vote\n\n{text}"))
    assert (article.text, article.published_at) == (text, datetime(2024, 5, 14, tzinfo=UTC))


@pytest.mark.parametrize(
    "elsewhere",
    [
        "<footer>© 2019 The Gazette</footer>",
        "<aside><a>Old story, 3 March 2014</a></aside>",
        "<p>The bridge was last closed on 12 June 2003, records show.</p>",
    ],
)
def test_a_page_without_its_own_date_stays_undated(tmp_path: Path, elsewhere: str) -> None:
    page = f"<article><h1>Vote</h1><p>{BODY}</p><p>{BODY} Long planned.</p></article>{elsewhere}"
    path = write(tmp_path / "a.html", f"<html><body>{page}</body></html>")
    assert one(path).published_at is None


def test_a_page_is_decoded_as_it_declares(tmp_path: Path) -> None:
    body = "Совет города проголосовал за новый мост во вторник. " * 4
    page = f'<html><head><meta charset="windows-1251"></head><body><p>{body}</p></body></html>'
    assert "Совет города" in one(write(tmp_path / "a.html", page.encode("cp1251"))).text


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
        ("a.md", b"---\ntitle: T\ntitle: U\n---\nbody", "twice"),
        ("a.md", b"---\ntitle: T\nbody", "never closed"),
        ("a.md", b"---\ndate: 2022-02-31\n---\nbody", "no date"),
        ("a.txt", b"Head line\n\nPublished Sep 31, 2022\n\nbody", "no date"),
        ("a.json", b'{"text": "x y", "date": "0001-01-01T00:00:00+14:00"}', "older"),
        ("a.json", b'{"text": "x y", "authors": ["\\udc00"]}', "Unicode"),
        ("a.json", b'{"text": "x y", "id": ' + b"9" * 5_000 + b"}", "digits"),
        ("a.csv", b"url,text,text\n1,2,3\n", "twice"),
        ("a.csv", b'url,text\n1,"never closed\n2,lost\n', "not readable"),
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


def test_a_packed_bomb_is_not_unpacked_into_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.json.gz", "wb", compresslevel=1) as file:
        for _ in range(201):
            file.write(b" " * 1_000_000)
    assert "Larger" in reason(tmp_path / "a.json.gz")


def test_a_cell_too_long_loses_its_row_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f'url,text\n1,"{"x " * 3_000_000}"\n2,"{BODY}"\n')
    assert [type(item).__name__ for item in load(path)] == ["Rejection", "Article"]


def test_lines_in_utf_16(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"url": u, "text": BODY}) for u in "ab")
    path = write(tmp_path / "a.jsonl", lines.encode("utf-16"))
    assert [item.url for item in load(path) if isinstance(item, Article)] == ["a", "b"]
    *_, last = load(write(tmp_path / "b.jsonl", (lines + "\n").encode("utf-16") + b"\x00\xd8x"))
    assert isinstance(last, Rejection)


def test_a_few_accents_are_read_as_western(tmp_path: Path) -> None:
    line = '{"text": "Le café à Zürich, Ñandú"}'.encode("cp1252")
    assert one(write(tmp_path / "a.jsonl", line)).text == "Le café à Zürich, Ñandú"


def test_authors_of_every_shape() -> None:
    for given_as, expected in (
        ({"name": "Ada Finch"}, ("Ada Finch",)),
        ("By Ada Finch and Jo Ode", ("Ada Finch", "Jo Ode")),
        ("Martin King, Jr.", ("Martin King Jr.",)),
    ):
        assert (
            build_article({"text": BODY, "author": given_as}, fallback_url="u").authors == expected
        )


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en-GB", "en"), ("deu", "de"), ("EN_us", "en"), ("no", "no"), ("English", None), ("", None)],
)
def test_languages(tag: str, language: str | None) -> None:
    assert build_article({"text": BODY, "lang": tag}, fallback_url="u").language == language


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Corrected.", "Corrected."),
        (["One.", "Two."], "One.\nTwo."),
        ({"a": 1}, None),
        (True, None),
    ],
)
def test_notes_beside_the_report_never_cost_it(value: object, kept: str | None) -> None:
    assert build_article({"text": BODY, "correction": value}, fallback_url="u").correction == kept


def test_a_url_shows_what_it_is() -> None:
    assert build_article({"text": BODY, "url": "http://e/\u202ex\x00"}, fallback_url="u").url == (
        "http://e/x"
    )


@pytest.mark.timeout(20)
def test_what_is_no_file_is_passed_on_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "c.txt").symlink_to(tmp_path / "gone.txt")
    write(tmp_path / "d.txt", BODY)
    assert [type(item).__name__ for item in load(tmp_path)] == [
        "Rejection", "Rejection", "Rejection", "Article",
    ]  # fmt: skip


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    write(tmp_path / "d.txt", BODY)
    scandir = os.scandir

    def closed(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", closed)
    first, second = load(tmp_path)
    assert isinstance(first, Rejection)
    assert "closed" in first.source
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
        ("20220921", "2022-09-21T00:00:00+00:00"),
        ("20220921T183000Z", "2022-09-21T18:30:00+00:00"),
        ("21 Sep 2022", "2022-09-21T00:00:00+00:00"),
        ("1663763400", "2022-09-21T12:30:00+00:00"),
        ("September 21, 2022 6:30 PM", "2022-09-21T18:30:00+00:00"),
        ("Wednesday, September 21, 2022", "2022-09-21T00:00:00+00:00"),
        ("Sept. 21, 2022 at 6:30 p.m. EDT", "2022-09-21T18:30:00-04:00"),
        ("Sept. 21, 2022 at 12:05 a.m. UTC", "2022-09-21T00:05:00+00:00"),
        ("Sept. 21, 2022 at 6:30 p.m. ET", "2022-09-21T00:00:00+00:00"),
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


SAMPLES = {
    ".txt": f"Bridge vote\nBy Ada Finch\nPublished May 14, 2024\n\n{BODY}",
    ".md": f"---\ntitle: Vote\ndate: 2024-05-14\nauthors: [Ada, Jo]\n---\n# Vote\n\n{BODY}",
    ".json": json.dumps(
        [{"url": "u", "text": BODY, "date": "2024-05-14", "author": {"name": "A"}}]
    ),
    ".jsonl": json.dumps({"url": "u", "text": BODY, "date": 1_715_000_000}) + "\n{}\n",
    ".csv": f'url,title,text\nu,"a ""b""","{BODY}"\n',
    ".html": f"<html><head><title>V</title></head><body><p>{BODY}</p><p>{BODY} x</p></body></html>",
}


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 20), st.binary(max_size=12)), max_size=4
    ),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_mutated_files_give_articles_or_rejections(
    tmp_path: Path, suffix: str, cuts: list[tuple[int, int, bytes]], encoding: str
) -> None:
    raw = SAMPLES[suffix].encode(encoding)
    for start, length, inserted in cuts:
        raw = raw[:start] + inserted + raw[start + length :]
    for item in load(write(tmp_path / f"any{suffix}", raw)):
        assert isinstance(item, (Article, Rejection))
        if isinstance(item, Article):
            item.text.encode()
            item.url.encode()
            if item.published_at:
                item.published_at.astimezone(UTC)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
