"""Uploaded files: addresses that outlive the upload, and names instead of temporary paths."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.types import Article, Rejection
from assistant.web.serving import is_loopback, listen, read_examples
from assistant.web.uploads import LONGEST_NAME, read_upload, safe_name, upload_address

STORY = "Dockers end strike\n\nDockers in Port Averley ended their strike on Tuesday.\n"


def upload(place: Path, name: str, content: str) -> list[Article | Rejection]:
    place.mkdir(exist_ok=True)
    (place / name).write_text(content, "utf-8")
    return list(read_upload(place / name))


def test_the_same_file_sent_twice_is_the_same_article(tmp_path: Path) -> None:
    first = upload(tmp_path / "a1", "strike notes.txt", STORY)[0]
    again = upload(tmp_path / "b2", "strike notes.txt", STORY)[0]
    assert isinstance(first, Article)
    assert first == again
    assert first.url.startswith("upload:strike%20notes.txt?sha256=")
    assert first.url == upload_address(tmp_path / "a1" / "strike notes.txt")


def test_another_file_of_the_same_name_replaces_nothing(tmp_path: Path) -> None:
    first = upload(tmp_path / "a1", "notes.txt", STORY)[0]
    other = upload(tmp_path / "b2", "notes.txt", STORY.replace("Averley", "Saltmarsh"))[0]
    assert isinstance(first, Article)
    assert isinstance(other, Article)
    assert first.id != other.id


def test_an_article_that_brings_its_address_keeps_it(tmp_path: Path) -> None:
    front = "---\nurl: https://news.example/strike\ntitle: Strike\n---\n"
    kept = upload(tmp_path, "a.md", f"{front}{STORY}")[0]
    assert isinstance(kept, Article)
    assert kept.url == "https://news.example/strike"


def test_rows_without_an_address_are_told_apart(tmp_path: Path) -> None:
    rows = [
        {"title": "One", "text": "The first report is about ferries and dockers."},
        {"title": "Two", "text": "The second report is about a volcano and its ash."},
    ]
    read = upload(tmp_path, "rows.jsonl", "\n".join(map(json.dumps, rows)))
    urls = [one.url for one in read if isinstance(one, Article)]
    assert [url.rpartition("#")[2] for url in urls] == ["1", "2"]
    assert all(url.startswith("upload:rows.jsonl?sha256=") for url in urls)


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\news\\notes.txt", "notes.txt"),
        ("..", "unnamed"),
        ("/", "unnamed"),
        ("a\0b\n.txt", "ab.txt"),
        (".hidden.md", "hidden.md"),
        ("Größe 日本.txt", "Größe 日本.txt"),
    ],
)
def test_a_name_holds_nothing_of_a_path(claimed: str, kept: str) -> None:
    assert safe_name(claimed) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    name = safe_name("x" * 500 + ".jsonl")
    assert len(name) == LONGEST_NAME
    assert name.endswith(".jsonl")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"%PDF-1.7\n"), ("a.md", b"PK\x03\x04..."), ("a.csv", b"\x1f\x8b\x08"),
        ("a.txt", b"text \0\1\2"), ("a.html", b"no tag at all"), ("a.json", b"\x89PNG\r\n"),
    ],
)  # fmt: skip
def test_content_counts_not_the_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (rejection,) = read_upload(tmp_path / name)
    assert isinstance(rejection, Rejection)
    assert rejection.reason.startswith("Named ")


def test_wide_text_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(STORY.encode("utf-16"))
    assert isinstance(next(read_upload(tmp_path / "a.txt")), Article)


@pytest.mark.parametrize(("name", "content"), [("empty.txt", " \n"), ("bad.jsonl", "{not json\n")])
def test_a_rejection_names_the_file_and_no_temporary_path(
    tmp_path: Path, name: str, content: str
) -> None:
    (rejection,) = upload(tmp_path, name, content)
    assert isinstance(rejection, Rejection)
    assert rejection.source.startswith(name)
    assert str(tmp_path) not in f"{rejection.source} {rejection.reason}"


def test_examples_are_a_list_of_questions_or_an_error(tmp_path: Path) -> None:
    examples = tmp_path / "examples.json"
    assert read_examples(examples) == []
    examples.write_text('["Who denied the arms sale?"]')
    assert read_examples(examples) == ["Who denied the arms sale?"]
    examples.write_text('{"a": 1}')
    with pytest.raises(SettingsError, match="must be a JSON list"):
        read_examples(examples)


def test_a_busy_port_is_an_error_that_names_the_remedy() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError, match="NEWS_ASSISTANT_PORT"):
            listen("127.0.0.1", port)
    with pytest.raises(SettingsError, match="NEWS_ASSISTANT_HOST"):
        listen("no-such-host.invalid", 0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("::1", True),
        ("[::1]", True), ("0.0.0.0", False), ("::", False), ("192.168.1.4", False),
        ("localhost.evil.example", False), ("", False),
    ],
)  # fmt: skip
def test_loopback_is_this_machine_alone(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
