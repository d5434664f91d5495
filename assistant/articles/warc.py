"""Web archives: WARC, and the WARCs in a WACZ.

In: a stream of WARC records, unpacked already. Out: (place, fields or reason) of each HTML page,
one record at a time. Refuses to know: how the file was packed. The address that was fetched is the
article's; the moment of the fetch is not its date.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

from assistant.articles.decode import DecodeError
from assistant.articles.pages import page_fields
from assistant.articles.places import Findings, Place
from assistant.articles.streams import LARGEST_PAGE, PackedError

_WITH_PAGES = frozenset({"response", "resource"})
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
# warcio meets broken headers with whatever the line that met them happens to raise.
_DAMAGE = (AttributeError, LookupError, TypeError, ValueError)
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


def warc_pages(stream: io.BufferedReader, place: Place) -> Findings:
    """The HTML pages that were fetched with success; pictures, redirects and errors are no items.

    Raises DecodeError where the file is damaged or holds no page.
    """
    found = False
    for record in _records(stream):
        address = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
        if not address or not _is_page(record):
            continue
        found = True
        at = Place(f"{place.source}!{address}", address)
        try:
            fields = page_fields(_payload(record), declared=_charset(_content_type(record)))
        except DecodeError as error:
            yield at, str(error)
            continue
        yield at, fields | {"url": address} if fields else "No article text was found on the page."
    if not found:
        raise DecodeError("The web archive holds no HTML page.")


def _records(stream: io.BufferedReader) -> Iterator[Any]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    records = ArchiveIterator(stream)
    records.INC_RECORD = ""  # warcio would print to standard error; it is said below instead
    try:
        yield from records
    except (DecodeError, PackedError):
        raise
    except (ArchiveLoadFailed, *_DAMAGE) as error:
        raise DecodeError(f"A damaged WARC record: {' '.join(str(error).split())[:160]}") from error
    if records.err_count:
        raise DecodeError(f"{records.err_count} WARC records do not end where they say they do.")


def _is_page(record: Any) -> bool:
    if record.rec_type not in _WITH_PAGES:
        return False
    if record.http_headers and record.http_headers.get_statuscode() != "200":
        return False
    return _content_type(record).startswith(_PAGE_TYPES)


def _content_type(record: Any) -> str:
    headers = record.http_headers or record.rec_headers
    return (headers.get_header("Content-Type") or "").strip().lower()


def _charset(content_type: str) -> str | None:
    _, _, charset = content_type.partition("charset=")
    return charset.split(";")[0].strip("\"' ") or None


def _payload(record: Any) -> bytes:
    """The page as it was meant, at most LARGEST_PAGE bytes of it whatever its coding hides."""
    from warcio.bufferedreaders import ChunkedDataReader

    stream, codings = record.raw_stream, ""
    if record.http_headers:
        codings = (record.http_headers.get_header("Content-Encoding") or "").strip().lower()
        transfer = record.http_headers.get_header("Transfer-Encoding") or ""
        if transfer.strip().lower() == "chunked":
            stream = ChunkedDataReader(stream, decomp_type=None)
    raw: bytes = stream.read(LARGEST_PAGE + 1)
    left = getattr(record.raw_stream, "limit", 0)
    if left and len(raw) <= LARGEST_PAGE and stream is record.raw_stream:
        raise DecodeError("The page breaks off before its end.")
    page = _decoded(raw, codings)
    if len(page) > LARGEST_PAGE:
        raise DecodeError(f"The page is larger than {LARGEST_PAGE:,} bytes.")
    return page


def _decoded(raw: bytes, coding: str) -> bytes:
    """Without its content coding. Crawlers keep the header and store the page decoded, too."""
    try:
        if coding in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(raw, LARGEST_PAGE + 1)
        if coding == "br":
            import brotli

            unpacker = brotli.Decompressor()
            return bytes(unpacker.process(raw, output_buffer_limit=LARGEST_PAGE + 1))
    except zlib.error:
        return raw
    return raw
