"""Hostile and broken files of every kind: always Articles or Rejections, never a crash or a hang.

Real fixtures are cut, overwritten and swapped; structure is nested and widened beyond sense.
"""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.articles.fields import FieldError, build_article
from assistant.articles.jsonld import jsonld_fields
from assistant.articles.kinds import KNOWN_SUFFIXES, kind_of
from assistant.articles.ninjs import is_ninjs, ninjs_fields
from assistant.types import Article, Rejection
from tests.unit.articles.reading import BODY, FIXTURES, load, write
from tests.unit.articles.test_documents import PAGES, pdf, word
from tests.unit.articles.test_jsonld import ARTICLE, page
from tests.unit.articles.test_mail import message
from tests.unit.articles.test_packed import MEMBERS, tarred, zipped
from tests.unit.articles.test_warc import warc

pytestmark = pytest.mark.timeout(120)
UNHURRIED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def parquet_bytes() -> bytes:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    held = io.BytesIO()
    pq.write_table(pa.table({"url": ["a", "b"], "text": [BODY, BODY]}), held)
    return held.getvalue()


def samples() -> dict[str, bytes]:
    wire = {path.name: path.read_bytes() for path in sorted((FIXTURES / "wire").iterdir())}
    mailbox = b"From a Sun May  3 06:30:00 2026\n" + message().as_bytes()
    return wire | {
        "a.warc": warc(packed=False),
        "a.warc.gz": warc(),
        "a.zip": zipped(MEMBERS),
        "a.tar": tarred(MEMBERS),
        "a.tar.gz": tarred(MEMBERS, "w:gz"),
        "a.eml": message().as_bytes(),
        "a.mbox": mailbox + b"\n" + mailbox,
        "a.pdf": pdf(PAGES),
        "a.docx": word(title="Vote"),
        "a.html": page(ARTICLE).encode(),
        "a.csv": f'url,title,text\nu,"a ""b""","{BODY}"\n'.encode(),
    }


SAMPLES = samples()


def check(items: list[Article | Rejection]) -> None:
    assert items
    for item in items:
        assert isinstance(item, (Article, Rejection))
        if isinstance(item, Rejection):
            assert item.reason
            item.source.encode()
            continue
        assert item.text
        for text in (item.text, item.title, item.url, item.correction, item.usage_terms):
            (text or "").encode()
        for moment in (item.published_at, item.updated_at, item.embargoed_until):
            assert moment is None or moment.astimezone(UTC)
        assert all(0 <= start < len(item.text) for start in item.page_starts)


@UNHURRIED
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=12)),
        min_size=1,
        max_size=4,
    ),
)
def test_overwritten_files(tmp_path: Path, name: str, cuts: list[tuple[float, int, bytes]]) -> None:
    raw = SAMPLES[name]
    for share, length, inserted in cuts:
        start = int(share * len(raw))
        raw = raw[:start] + inserted + raw[start + length :]
    check(load(write(tmp_path / name, raw)))


@UNHURRIED
@given(st.sampled_from(sorted(SAMPLES)), st.floats(0, 1), st.booleans())
def test_cut_files(tmp_path: Path, name: str, share: float, packed: bool) -> None:
    raw = SAMPLES[name]
    if packed:
        raw, name = gzip.compress(raw), f"{name}.gz"
    check(load(write(tmp_path / name, raw[: int(share * len(raw))])))


@UNHURRIED
@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(sorted(KNOWN_SUFFIXES)))
def test_files_under_any_name(tmp_path: Path, name: str, suffix: str) -> None:
    check(load(write(tmp_path / f"a{suffix}", SAMPLES[name])))


@UNHURRIED
@given(st.sampled_from(sorted(KNOWN_SUFFIXES)), st.binary(max_size=200))
def test_any_bytes_under_any_name(tmp_path: Path, suffix: str, raw: bytes) -> None:
    check(load(write(tmp_path / f"a{suffix}", raw)))


@UNHURRIED
@given(st.text(max_size=40), st.binary(max_size=600))
def test_a_kind_is_told_of_anything(name: str, raw: bytes) -> None:
    kind_of(name, raw)
    kind_of(name, b"<!" + raw)
    kind_of(name, b"From " + raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
NINJS_NAMES = st.sampled_from(
    """uri type pubstatus versioncreated firstcreated embargoed headline headlines byline bodies
    body_text body_xhtml infosource provider ednote usageterms copyrightnotice language standard
    rightsinfo profile signal""".split()
)


@UNHURRIED
@given(st.dictionaries(NINJS_NAMES, VALUES))
def test_any_ninjs(record: dict[str, object]) -> None:
    is_ninjs(record)
    try:
        article = build_article(ninjs_fields(record), fallback_url="u")
    except FieldError:
        return
    assert article.text


@UNHURRIED
@given(st.dictionaries(st.sampled_from(sorted(ARTICLE)), VALUES))
def test_any_json_ld(fields: dict[str, object]) -> None:
    stated = jsonld_fields(page(ARTICLE | fields))
    build_article(stated | {"text": BODY}, fallback_url="u")


DEEP = 200


@pytest.mark.parametrize("depth", [DEEP, 20_000])
@pytest.mark.parametrize(
    ("name", "opening", "core", "closing"),
    [
        ("a.json", '{"text":', '"words"', "}"),
        ("a.json", "[", "1", "]"),
        ("a.jsonl", '{"text":', '"words"', "}"),
        ("a.html", "<div>", f"<p>{BODY}</p>", "</div>"),
        ("a.html", "<table><tr><td>", f"<p>{BODY}</p>", "</td></tr></table>"),
        ("a.xml", "<nitf>", "<p>words</p>", "</nitf>"),
        ("a.xml", "<newsItem><contentSet><inlineXML>", "x", "</inlineXML></contentSet></newsItem>"),
        ("a.md", "> ", BODY, ""),
    ],
)
def test_nesting(
    tmp_path: Path, depth: int, name: str, opening: str, core: str, closing: str
) -> None:
    check(load(write(tmp_path / name, opening * depth + core + closing * depth)))


def test_front_matter_nested_two_hundred_levels(tmp_path: Path) -> None:
    for depth in (DEEP, 20_000):
        raw = f"---\na: {'[' * depth}{']' * depth}\n---\n{BODY}"
        check(load(write(tmp_path / "a.md", raw)))


def test_a_page_in_json_nested_in_everything(tmp_path: Path) -> None:
    body = "<div>" * DEEP + f"<p>{BODY}</p>" + "</div>" * DEEP
    record = {"uri": "u", "versioncreated": "2026-05-03", "pubstatus": "usable", "body_xhtml": body}
    (item,) = load(write(tmp_path / "a.json", json.dumps(record)))
    assert isinstance(item, Article)
    assert item.text == BODY


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=6)), max_size=3))
def test_overwritten_parquet(tmp_path: Path, cuts: list[tuple[float, int, bytes]]) -> None:
    raw = parquet_bytes()
    for share, length, inserted in cuts:
        start = int(share * len(raw))
        raw = raw[:start] + inserted + raw[start + length :]
    check(load(write(tmp_path / "a.parquet", raw)))


@pytest.mark.timeout(60)
def test_long_lines_do_not_cost_their_square(tmp_path: Path) -> None:
    border = b"From x " + b"1:11 " * 180_000
    check(load(write(tmp_path / "a.mbox", b"From a Sun May  3 06:30:00 2026\n\n" + border)))
    check(load(write(tmp_path / "b.mbox", b"\n" + border)))
    wide = f"[{','.join(['[]'] * 300_000)}]"
    assert jsonld_fields(page(wide)) == {}
    check(load(write(tmp_path / "a.nitf", b"<?a?>" * 20_000 + b"<nitf/>")))
