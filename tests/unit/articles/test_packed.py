"""Files in files: read member by member, within limits, and nothing written."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from assistant.articles import streams
from assistant.types import Article, Rejection
from tests.unit.articles.reading import BODY, articles, load, one, reason, write

PAGE = f"<html><head><title>Vote</title></head><body><p>{BODY}</p><p>{BODY} x</p></body></html>"
LINES = "\n".join(json.dumps({"url": f"https://e.example/{n}", "text": BODY}) for n in (1, 2))


def zipped(members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def tarred(members: dict[str, bytes | str], mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            raw = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return held.getvalue()


MEMBERS: dict[str, bytes | str] = {
    "a.html": PAGE,
    "sub/b.jsonl": LINES,
    "sub/c.csv": f'url,text\nhttps://e.example/3,"{BODY}"\n',
    "photo.jpg": b"\xff\xd8\xff",
    ".hidden.txt": "words",
    "__MACOSX/._a.html": b"\0\1",
    "README.md": "About this dump.",
    "bad.json": "{",
}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("dump.zip", zipped(MEMBERS)),
        ("dump.tar", tarred(MEMBERS)),
        ("dump.tar.gz", tarred(MEMBERS, "w:gz")),
        ("dump.tgz", tarred(MEMBERS, "w:gz")),
        ("dump.tar.bz2", tarred(MEMBERS, "w:bz2")),
        ("dump.zip.gz", gzip.compress(zipped(MEMBERS))),
        ("wrongly-named.txt", zipped(MEMBERS)),
        ("wrongly-named.json", tarred(MEMBERS, "w:gz")),
        ("no-name", tarred(MEMBERS)),
    ],
)
def test_members_are_read_in_order(tmp_path: Path, name: str, raw: bytes) -> None:
    path = write(tmp_path / name, raw)
    page, first, second, third, bad = load(path)
    assert isinstance(page, Article)
    assert page.url == f"{path.as_uri()}!/a.html"
    assert [item.url[-9:] for item in (first, second, third) if isinstance(item, Article)] == [
        "example/1", "example/2", "example/3",
    ]  # fmt: skip
    assert isinstance(bad, Rejection)
    assert bad.source == f"{path}!/bad.json:1"


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped({"news.jsonl.gz": gzip.compress(LINES.encode())})
    path = write(tmp_path / "outer.tar.gz", tarred({"inner.zip": inner}, "w:gz"))
    assert [item.url for item in articles(path)] == ["https://e.example/1", "https://e.example/2"]
    story = write(tmp_path / "outer.zip", zipped({"inner.zip": zipped({"a.txt": BODY})}))
    assert one(story).url == f"{story.as_uri()}!/inner.zip!/a.txt"


def test_anything_compressed_by_its_content(tmp_path: Path) -> None:
    assert one(write(tmp_path / "a.gz", gzip.compress(PAGE.encode()))).title == "Vote"
    assert len(articles(write(tmp_path / "b.gz", gzip.compress(LINES.encode())))) == 2
    assert len(articles(write(tmp_path / "c.jsonl.bz2", bz2.compress(LINES.encode())))) == 2


def test_names_that_climb_are_names(tmp_path: Path) -> None:
    path = write(
        tmp_path / "in" / "a.zip", zipped({"../../escape.txt": BODY, "/etc/x.txt": f"{BODY} Two."})
    )
    before = sorted(tmp_path.rglob("*"))
    assert [item.url for item in articles(path)] == [
        f"{path.as_uri()}!/../../escape.txt",
        f"{path.as_uri()}!//etc/x.txt",
    ]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_locked_member_names_the_remedy(tmp_path: Path) -> None:
    raw = bytearray(zipped({"a.txt": BODY, "b.txt": BODY}, zipfile.ZIP_STORED))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    first, second = load(write(tmp_path / "a.zip", bytes(raw)))
    assert isinstance(first, Rejection)
    assert "password" in first.reason
    assert isinstance(second, Article)


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    raw = bytearray(zipped({"a.txt": BODY, "b.txt": f"{BODY} Two."}, zipfile.ZIP_STORED))
    raw[raw.index(BODY.encode())] ^= 0xFF
    first, second = load(write(tmp_path / "a.zip", bytes(raw)))
    assert isinstance(first, Rejection)
    assert first.source.endswith("a.zip!/a.txt")
    assert isinstance(second, Article)


def test_what_came_before_the_damage_stays(tmp_path: Path) -> None:
    lines = "\n".join(
        json.dumps({"url": f"https://e.example/{n}", "text": f"{BODY} {n * 7919}"})
        for n in range(2_000)
    )
    raw = gzip.compress(lines.encode())
    *found, last = load(write(tmp_path / "a.jsonl.gz", raw[: len(raw) // 2]))
    assert len(found) > 100
    assert isinstance(last, Rejection)
    assert "Cannot be read on" in last.reason


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.zip", zipped({}), "Nothing in it"),
        ("a.zip", zipped({"x.jpg": b"1"}), "Nothing in it"),
        ("a.tar", tarred({"x.jpg": b"1"}), "Nothing in it"),
        ("a.zip", b"PK\x03\x04 and no more", "Cannot be read"),
        ("a.zip", b"no zip at all", "Cannot be read"),
        ("a.tar", b"no tar at all", "Cannot be read"),
        ("a.zip", zipped({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), "office"),
    ],
)
def test_packed_files_that_give_nothing_say_why(
    tmp_path: Path, name: str, raw: bytes, words: str
) -> None:
    assert words in reason(write(tmp_path / name, raw))


@pytest.mark.timeout(60)
def test_bombs_are_defused(tmp_path: Path) -> None:
    zeros = io.BytesIO()
    with gzip.GzipFile(fileobj=zeros, mode="wb", compresslevel=9) as packed:
        for _ in range(99):
            packed.write(b" " * 999_999 + b"\n")
    assert "bomb" in reason(write(tmp_path / "a.jsonl.gz", zeros.getvalue()))
    assert "bomb" in reason(write(tmp_path / "b.jsonl.gz", gzip.compress(zeros.getvalue())))
    many = zipped({"bomb.jsonl.gz": zeros.getvalue()})
    assert "bomb" in load(write(tmp_path / "c.zip", many))[-1].reason  # type: ignore[union-attr]


def test_what_is_packed_too_often_is_left(tmp_path: Path) -> None:
    raw = BODY.encode()
    for _ in range(streams.MOST_LAYERS + 1):
        raw = gzip.compress(raw)
    assert "times over" in reason(write(tmp_path / "a.txt.gz", raw))
    raw = b""
    for _ in range(40):
        raw = zipped({"a.zip": raw})
    assert "times over" in reason(write(tmp_path / "a.zip", raw))


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_MEMBERS", 3)
    members: dict[str, bytes | str] = {f"{n}.txt": f"{BODY} {n}" for n in range(5)}
    *found, last = load(write(tmp_path / "a.tar", tarred(members)))
    assert len(found) == 3
    assert isinstance(last, Rejection)
    assert "members" in last.reason


def test_a_zip_that_claims_a_vast_directory(tmp_path: Path) -> None:
    raw = bytearray(zipped({"a.txt": BODY}))
    at = raw.rindex(b"PK\x05\x06")
    raw[at + 12 : at + 16] = (4_000_000_000).to_bytes(4, "little")
    assert "members" in reason(write(tmp_path / "a.zip", bytes(raw)))


def test_links_and_devices_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        pipe = tarfile.TarInfo("b.txt")
        pipe.type = tarfile.FIFOTYPE
        archive.addfile(pipe)
    assert "Nothing in it" in reason(write(tmp_path / "a.tar", held.getvalue()))


def test_half_of_something_is_not_taken_for_all_of_it(tmp_path: Path) -> None:
    rows = "url,text\n" + "".join(f"{n},{BODY} {n * 7919}\n" for n in range(3_000))
    mail = "".join(
        f"From a Sun May  3 06:30:00 2026\nMessage-ID: <{n}@x>\n\n{BODY} {n * 7919}\n\n"
        for n in range(3_000)
    )
    for name, text in (("a.csv.gz", rows), ("a.mbox.gz", mail), ("a.txt.gz", rows)):
        raw = gzip.compress(text.encode())
        *found, last = load(write(tmp_path / name, raw[: len(raw) // 2]))
        assert isinstance(last, Rejection)
        assert "Cannot be read" in last.reason
        assert all(isinstance(item, Article) for item in found)
        assert {item.text[: len(BODY)] for item in found if isinstance(item, Article)} <= {BODY}
        assert all(item.text[-1].isdigit() for item in found if isinstance(item, Article))
        assert bool(found) == (name != "a.txt.gz")
