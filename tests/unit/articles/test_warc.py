"""Web archives: pages by the address they were fetched from."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from assistant.articles import load_articles
from assistant.types import Article, Rejection
from tests.unit.articles.reading import BODY, load, one, reason, write

PAGE = (
    "<html lang='en'><head><title>Vote</title>"
    '<link rel="canonical" href="https://elsewhere.example/canonical"></head>'
    f"<body><p>{BODY}</p><p>{BODY} Café.</p></body></html>"
)


def response(
    writer: WARCWriter,
    url: str,
    body: bytes,
    *,
    status: str = "200 OK",
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    kind: str = "response",
) -> None:
    stated = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(url, kind, payload=io.BytesIO(body), http_headers=stated)
    )


def warc(*, packed: bool = True, extra: tuple[tuple[str, bytes, str], ...] = ()) -> bytes:
    held = io.BytesIO()
    writer = WARCWriter(held, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    response(writer, "https://e.example/1", PAGE.encode())
    response(writer, "https://e.example/gone", b"<p>Not here</p>", status="404 Not Found")
    response(
        writer, "https://e.example/p.png", b"\x89PNG", headers=(("Content-Type", "image/png"),)
    )
    response(writer, "https://e.example/empty", b"<html><body></body></html>")
    for url, body, coding in extra:
        headers = (("Content-Type", "text/html"), ("Content-Encoding", coding))
        response(writer, url, body, headers=headers)
    return held.getvalue()


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc", "a.gz", "a.txt"])
def test_the_address_is_the_one_fetched(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, warc(packed=name != "a.warc"))
    page, empty = load(path)
    assert isinstance(page, Article)
    assert page.url == "https://e.example/1"
    assert "Café" in page.text
    assert isinstance(empty, Rejection)
    assert empty.source == f"{path}!https://e.example/empty"


def test_the_moment_of_the_fetch_is_no_date(tmp_path: Path) -> None:
    page, _ = load(write(tmp_path / "a.warc.gz", warc()))
    assert isinstance(page, Article)
    assert page.published_at is None


def test_content_codings(tmp_path: Path) -> None:
    raw = PAGE.encode()
    extra = (
        ("https://e.example/gzip", gzip.compress(raw), "gzip"),
        ("https://e.example/deflate", zlib.compress(raw), "deflate"),
        ("https://e.example/br", brotli.compress(raw), "br"),
        ("https://e.example/kept-header", raw, "gzip"),
    )
    found = load(write(tmp_path / "a.warc.gz", warc(extra=extra)))
    assert [item.url.rpartition("/")[2] for item in found if isinstance(item, Article)] == [
        "1", "gzip", "deflate", "br", "kept-header",
    ]  # fmt: skip


def test_chunked_pages(tmp_path: Path) -> None:
    raw = PAGE.encode()
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(raw[at : at + 100]), raw[at : at + 100])
        for at in range(0, len(raw), 100)
    )
    held = io.BytesIO()
    headers = (("Content-Type", "text/html"), ("Transfer-Encoding", "chunked"))
    response(
        WARCWriter(held, gzip=True), "https://e.example/1", chunks + b"0\r\n\r\n", headers=headers
    )
    assert one(write(tmp_path / "a.warc.gz", held.getvalue())).text.endswith("Café.")


@pytest.mark.timeout(60)
def test_bombs_inside_a_record(tmp_path: Path) -> None:
    blank = b" " * 500_000_000
    extra = (
        ("https://e.example/br", brotli.compress(blank, quality=1), "br"),
        ("https://e.example/gz", gzip.compress(blank, 1), "gzip"),
    )
    *_, first, second = load(write(tmp_path / "a.warc.gz", warc(extra=extra)))
    assert isinstance(first, Rejection)
    assert isinstance(second, Rejection)
    assert "larger" in first.reason
    assert "larger" in second.reason


def test_wacz(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as held:
        held.writestr("datapackage.json", '{"profile": "data-package"}')
        held.writestr("archive/data.warc.gz", warc())
        held.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        held.writestr("indexes/index.cdx.gz", gzip.compress(b"x"))
    page, empty = load(path)
    assert isinstance(page, Article)
    assert isinstance(empty, Rejection)
    assert empty.source == f"{path}!/archive/data.warc.gz!https://e.example/empty"


def test_a_page_of_a_stated_encoding(tmp_path: Path) -> None:
    held = io.BytesIO()
    page = f"<html><body><p>{'Совет города проголосовал за мост. ' * 9}</p></body></html>"
    headers = (("Content-Type", "text/html; charset=windows-1251"),)
    response(WARCWriter(held), "https://e.example/1", page.encode("cp1251"), headers=headers)
    assert "Совет города" in one(write(tmp_path / "a.warc", held.getvalue())).text


def test_damage(tmp_path: Path) -> None:
    raw = warc(packed=False)
    assert "no HTML page" in reason(write(tmp_path / "a.warc", b"WARC/1.0\r\n\r\n"))
    first, *_ = load(write(tmp_path / "b.warc", raw[: len(raw) - 200]))
    assert isinstance(first, Article)
    *_, last = load(write(tmp_path / "c.warc", raw + b"garbage that is no record\r\n\r\n"))
    assert isinstance(last, Rejection)


def test_a_cut_web_archive_gives_what_it_has(tmp_path: Path) -> None:
    raw = warc()
    items = load(write(tmp_path / "a.warc.gz", raw[: len(raw) - 10]))
    assert isinstance(items[0], Article)


def test_a_big_web_archive_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in range(40):
            picture = (("Content-Type", "image/png"),)
            response(writer, f"https://e.example/{number}.png", bytes(1_000_000), headers=picture)
            response(writer, f"https://e.example/{number}", PAGE.encode())
    load(write(tmp_path / "first.html", PAGE))  # what is imported on first use is not counted
    tracemalloc.start()
    try:
        assert sum(isinstance(item, Article) for item in load_articles([path])) == 40
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6_000_000
