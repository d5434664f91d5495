"""Newsletters: single messages (EML) and mailboxes (mbox).

In: the bytes of a message, or a stream of messages. Out: fields for `build_article`.
Refuses to know: paths. The message's own id names it; its web copy is its address where it states
one (Archived-At, RFC 5064), else `mid:` and the id (RFC 2392).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import IO, Any

from assistant.articles.decode import DecodeError, decode
from assistant.articles.fields import FieldError
from assistant.articles.places import Fields
from assistant.articles.streams import LARGEST_WHOLE, raise_damage

# The border of a message bears its time; "From the desk" in a text does not.
_FROM_LINE = re.compile(rb"From \S+ .*\d:\d\d.*\d{4}")
# mboxrd: a line of the text that begins like a border bears one more ">".
_QUOTED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
# Beyond this a border is none; the pattern would take the square of a line's length.
_LONGEST_BORDER = 300
_LONGEST_LINE = 1_000_000
_MOST_PARTS = 500


def mbox_messages(stream: IO[bytes]) -> Iterator[Fields | str]:
    """Each message of a mailbox, in flat memory, or the reason why it is none."""
    for raw in _split(stream):
        if isinstance(raw, str):
            yield raw
            continue
        try:
            yield mail_fields(raw)
        except (DecodeError, FieldError) as error:
            yield str(error)


def mail_fields(raw: bytes) -> Fields:
    """Subject, sender, date, id and text of a message; its HTML part is read like a saved page.

    Raises FieldError where it carries no text, DecodeError where it is no message.
    """
    try:
        message = message_from_bytes(raw)
        plain, marked = _texts(message)
    except (RecursionError, ValueError, LookupError) as error:
        raise DecodeError(f"Not readable as a message: {error}.") from error
    identity = _header(message, "Message-ID").strip("<> ")
    text, page = _body(plain, marked)
    if not text:
        raise FieldError("The message carries no text.")
    return {
        "url": _address(message, identity),
        "title": _header(message, "Subject"),
        "text": text,
        "published_at": _date(_header(message, "Date")),
        "publisher": _sender(message),
        "language": _header(message, "Content-Language").split(",")[0] or page.get("language"),
        "source_id": identity or None,
    }


def _split(stream: IO[bytes]) -> Iterator[bytes | str]:
    lines: list[bytes] = []
    size, blank = 0, True
    while line := stream.readline(_LONGEST_LINE):
        if blank and _FROM_LINE.match(line[:_LONGEST_BORDER]):
            if size:
                yield _message(lines, size)
            lines, size = [], 0
        else:
            size += len(line)
            if size <= LARGEST_WHOLE:
                lines.append(line)
        blank = not line.strip()
    raise_damage(stream)  # half a message is none
    if size:
        yield _message(lines, size)


def _message(lines: list[bytes], size: int) -> bytes | str:
    if size > LARGEST_WHOLE:
        return f"The message is larger than {LARGEST_WHOLE:,} bytes."
    return _QUOTED_FROM.sub(b"", b"".join(lines))


def _texts(message: Message) -> tuple[str, bytes]:
    """The first plain text and the first HTML of a message that are not attached files."""
    plain, marked = "", b""
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            raise ValueError(f"more than {_MOST_PARTS} parts")
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes) or not payload.strip():
            continue
        charset = _charset(part)
        if part.get_content_type() == "text/html" and not marked:
            marked = decode(payload, declared=charset).encode("utf-8", "replace")
        elif part.get_content_type() == "text/plain" and not plain:
            plain = decode(payload, declared=charset)
    return plain, marked


def _body(plain: str, marked: bytes) -> tuple[str, Fields]:
    """The report in the HTML part; the plain text where the page reader finds none in it."""
    page: Fields = {}
    if marked:
        from assistant.articles.pages import page_fields

        page = page_fields(marked, declared="utf-8")
    if page.get("text"):
        return str(page["text"]), page
    if plain.strip() or not marked:
        return plain.strip(), page
    from assistant.articles.markup import html_paragraphs

    return "\n\n".join(html_paragraphs(marked.decode("utf-8", "replace"))), page


def _address(message: Message, identity: str) -> str | None:
    archived = _header(message, "Archived-At").strip("<> ")
    if archived.startswith(("http://", "https://")):
        return archived
    return f"mid:{identity}" if identity else None


def _sender(message: Message) -> str | None:
    """The list's name, else the sender's, else the sender's domain."""
    listed = _header(message, "List-Id").partition("<")[0].strip(' "')
    name, address = parseaddr(_header(message, "From"))
    return listed or name.strip() or address.rpartition("@")[2] or None


def _date(value: str) -> str | None:
    try:
        return parsedate_to_datetime(value).isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        # What is no date of a message may still be one; if not, fields.py says so.
        return value or None


def _header(message: Message, name: str) -> str:
    """A header in words, its encoded parts decoded; as it stands where they are broken."""
    value: Any = message.get(name, "")
    try:
        text = str(make_header(decode_header(value)))
    except (ValueError, LookupError, TypeError, AttributeError):
        text = str(value)
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None
