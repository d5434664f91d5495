"""Newsletters: messages and mailboxes."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from assistant.types import Article, Rejection
from tests.unit.articles.reading import BODY, load, one, reason, write

HTML = (
    "<html><body><table><tr><td><h1>Bridge vote</h1>"
    f"<p>{BODY}</p><p>{BODY} Twice as long as planned.</p></td></tr></table></body></html>"
)


def message(number: int = 1, *, html: str | None = HTML, **headers: str) -> EmailMessage:
    held = EmailMessage()
    stated = {
        "From": '"Morning Brief" <brief@courier.example>',
        "To": "reader@example.org",
        "Subject": "Café bridge: the vote",
        "Date": "Sun, 03 May 2026 06:30:00 +0300",
        "Message-ID": f"<{number}.brief@courier.example>",
    }
    for name, value in (stated | headers).items():
        if value:
            held[name] = value
    held.set_content(f"{BODY}\n\nFrom the desk in Marlow: number {number}.\n")
    if html:
        held.add_alternative(html, subtype="html")
    return held


def test_a_newsletter(tmp_path: Path) -> None:
    item = one(write(tmp_path / "a.eml", message().as_bytes()))
    assert item.title == "Café bridge: the vote"
    assert "Twice as long as planned" in item.text
    assert "<p>" not in item.text
    assert item.source_id == "1.brief@courier.example"
    assert item.url == "mid:1.brief@courier.example"
    assert item.publisher == "Morning Brief"
    assert item.published_at == datetime(2026, 5, 3, 3, 30, tzinfo=UTC)
    assert not item.date_only


def test_plain_text_and_the_web_copy(tmp_path: Path) -> None:
    headers = {
        "Archived-At": "<https://courier.example/brief/1>",
        "List-Id": "The Teal Courier <brief.courier.example>",
    }
    item = one(write(tmp_path / "a.eml", message(html=None, **headers).as_bytes()))
    assert item.text == f"{BODY}\n\nFrom the desk in Marlow: number 1."
    assert (item.url, item.publisher) == ("https://courier.example/brief/1", "The Teal Courier")


def test_a_mailbox(tmp_path: Path) -> None:
    raw = b""
    for number in (1, 2, 3):
        text = message(number, html=None).as_bytes().replace(b"\nFrom the", b"\n>From the")
        raw += b"From brief@courier.example Sun May  3 06:30:00 2026\n" + text + b"\n"
    for name in ("a.mbox", "export"):
        items = load(write(tmp_path / name, raw))
        assert [item.url for item in items if isinstance(item, Article)] == [
            f"mid:{number}.brief@courier.example" for number in (1, 2, 3)
        ]
        assert isinstance(items[2], Article)
        assert items[2].text.endswith("\n\nFrom the desk in Marlow: number 3.")


def test_a_bad_message_costs_only_itself(tmp_path: Path) -> None:
    good = b"From a Sun May  3 06:30:00 2026\n" + message(html=None).as_bytes()
    bad = b"From a Sun May  3 06:30:00 2026\nSubject: nothing\n\n"
    path = write(tmp_path / "a.mbox", good + b"\n" + bad + b"\n" + good)
    first, second, third = load(path)
    assert isinstance(first, Article)
    assert isinstance(third, Article)
    assert isinstance(second, Rejection)
    assert (second.source, second.reason) == (f"{path}:2", "The message carries no text.")


def test_attachments_are_no_text(tmp_path: Path) -> None:
    held = message(html=None)
    held.add_attachment(b"<html><p>Attached</p></html>", maintype="text", subtype="html")
    assert "Attached" not in one(write(tmp_path / "a.eml", held.as_bytes())).text


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"Subject: x\nMIME-Version: 1.0\n\n", "no text"),
        (b"Subject: x\nDate: someday\nMIME-Version: 1.0\n\nWords here.", "no date"),
        (b"Message-ID: <1@x>\nContent-Type: image/png\n\nxx", "no text"),
    ],
)
def test_messages_that_give_nothing(tmp_path: Path, raw: bytes, words: str) -> None:
    assert words in reason(write(tmp_path / "a.eml", raw))


def test_headers_in_odd_codings(tmp_path: Path) -> None:
    raw = (
        b"Subject: =?utf-8?b?Q2Fmw6kgdm90ZQ==?= =?bogus?q?x?=\nFrom: =?x?=\nMessage-ID: <1@x>\n"
        b"Content-Type: text/plain; charset=no-such\n\nCaf\xe9 words in the body."
    )
    item = one(write(tmp_path / "a.eml", raw))
    assert item.text == "Café words in the body."


@pytest.mark.timeout(30)
def test_parts_in_parts(tmp_path: Path) -> None:
    raw = b"Message-ID: <1@x>\n"
    for number in range(400):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number)
    items = load(write(tmp_path / "a.eml", raw + b"\nwords"))
    assert len(items) == 1
