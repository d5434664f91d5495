"""Read one source, whatever kind it is and however it is packed.

In: a buffered stream with its name and place. Out: (place, fields or reason) for everything found
in it. Refuses to know: paths, Articles. Damage is a reason; what came before it stays found.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from assistant.articles.decode import DecodeError, decode
from assistant.articles.fields import FieldError
from assistant.articles.kinds import SPOKEN_SUFFIXES, inner_name, kind_of
from assistant.articles.mapping import Mapped, mapped
from assistant.articles.packed import (
    Member,
    decompressed,
    open_zip,
    tar_members,
    zip_members,
)
from assistant.articles.places import Fields, Findings, Found, Place
from assistant.articles.records import Record, json_records, jsonl_records
from assistant.articles.rows import csv_records
from assistant.articles.streams import (
    DAMAGED,
    MOST_LAYERS,
    Budget,
    PackedError,
    first_bytes,
    raise_damage,
    read_whole,
)
from assistant.articles.texts import markdown_fields, text_fields

_WORD_PART = "word/document.xml"
_OFFICE_PART = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for a file and all that is packed in it."""

    budget: Budget
    mapping: Mapped = field(default_factory=dict)
    layer: int = 0


def read_source(stream: io.BufferedReader, name: str, place: Place, reading: Reading) -> Findings:
    """All that the source holds. Raises PackedError where the file on disk must not be read on."""
    found = False
    try:
        for one in _read(stream, name, place, reading):
            found = True
            yield one
    except (DecodeError, FieldError) as error:
        yield place, str(error)
        return
    except DAMAGED as error:
        yield place, f"Cannot be read{' on' if found else ''}: {said(error)}."
        return
    if not found:
        yield place, "The file holds no records."


def said(error: Exception) -> str:
    """What an error says, in the fewest words."""
    return getattr(error, "strerror", None) or str(error).rstrip(".") or type(error).__name__


def _read(stream: io.BufferedReader, name: str, place: Place, reading: Reading) -> Findings:
    kind = kind_of(name, first_bytes(stream))
    if kind is None:
        raise DecodeError(
            f"Files of this kind are not read. Known: {SPOKEN_SUFFIXES} (each also .gz)."
        )
    if kind in ("gzip", "bzip2"):
        inside = _deeper(reading)
        opened = decompressed(stream, kind, reading.budget)
        yield from _read(opened, inner_name(name), place, inside)
    elif kind == "zip":
        yield from _zip(stream, place, reading)
    elif kind == "tar":
        yield from _members(tar_members(stream, place, reading.budget), reading)
    elif kind in _MANY:
        yield from _numbered(_MANY[kind](stream, reading.mapping), place, reading.mapping)
    elif kind in _PLACED:
        yield from _PLACED[kind](stream, place)
    else:
        fields = _WHOLE[kind](read_whole(stream))
        yield place, fields or "No article text was found on the page."
    raise_damage(stream)


def _zip(stream: io.BufferedReader, place: Place, reading: Reading) -> Findings:
    with open_zip(stream) as archive:
        names = set(archive.namelist())
        if _WORD_PART in names:
            from assistant.articles.word import word_fields

            yield place, word_fields(archive)
        elif _OFFICE_PART in names:
            raise DecodeError("An office file, but no Word document; save it as .docx or .csv.")
        else:
            yield from _members(zip_members(archive, place, reading.budget), reading)


def _members(members: Iterator[Member], reading: Reading) -> Findings:
    inside = _deeper(reading)
    found = False
    for place, name, member in members:
        found = True
        if isinstance(member, str):
            yield place, member
        else:
            yield from read_source(member, name, place, inside)
    if not found:
        raise DecodeError(f"Nothing in it is an article file. Known: {SPOKEN_SUFFIXES}.")


def _deeper(reading: Reading) -> Reading:
    if reading.layer >= MOST_LAYERS:
        raise PackedError(f"Packed more than {MOST_LAYERS} times over; unpack it first.")
    return replace(reading, layer=reading.layer + 1)


def _numbered(records: Iterator[Record], place: Place, mapping: Mapped) -> Findings:
    """Each record at its number, as the news formats mean it or with its columns mapped."""
    from assistant.articles.ninjs import is_ninjs, ninjs_fields

    for number, record in records:
        at = place.record(number)
        if isinstance(record, str):
            yield at, record
            continue
        try:
            yield at, ninjs_fields(record) if is_ninjs(record) else mapped(record, mapping)
        except FieldError as error:
            yield at, str(error)


def _page(raw: bytes) -> Fields:
    from assistant.articles.pages import page_fields

    return page_fields(raw)


def _mail(raw: bytes) -> Fields:
    from assistant.articles.mail import mail_fields

    return mail_fields(raw)


def _pdf(raw: bytes) -> Fields:
    from assistant.articles.pdf import pdf_fields

    return pdf_fields(raw)


def _xml(stream: io.BufferedReader, place: Place) -> Findings:
    from assistant.articles.wire import wire_items

    return _at_numbers(wire_items(read_whole(stream)), place)


def _warc(stream: io.BufferedReader, place: Place) -> Findings:
    from assistant.articles.warc import warc_pages

    return warc_pages(stream, place)


def _mbox(stream: io.BufferedReader, place: Place) -> Findings:
    from assistant.articles.mail import mbox_messages

    return _at_numbers(mbox_messages(stream), place)


def _parquet(stream: io.BufferedReader, mapping: Mapped) -> Iterator[Record]:
    from assistant.articles.parquet import parquet_records

    return parquet_records(stream, mapping)


def _at_numbers(items: Iterator[Fields | str], place: Place) -> Iterator[Found]:
    for number, item in enumerate(items, 1):
        yield place.record(number), item


_WHOLE: dict[str, Callable[[bytes], Fields]] = {
    "text": lambda raw: text_fields(decode(raw)),
    "markdown": lambda raw: markdown_fields(decode(raw)),
    "page": _page,
    "mail": _mail,
    "pdf": _pdf,
}
_MANY: dict[str, Callable[[io.BufferedReader, Mapped], Iterator[Record]]] = {
    "json": lambda stream, _: json_records(stream),
    "jsonl": lambda stream, _: jsonl_records(stream),
    "csv": csv_records,
    "parquet": _parquet,
}
_PLACED: dict[str, Callable[[io.BufferedReader, Place], Findings]] = {
    "xml": _xml,
    "warc": _warc,
    "mbox": _mbox,
}
