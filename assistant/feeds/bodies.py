"""Read a response's body, packed or not, without ever holding more than was allowed.

In: chunks as they arrive, the Content-Encoding, a limit. Out: the unpacked bytes, or FetchError.
Refuses to know: connections, addresses.

A packed body of ten megabytes can unpack to ten gigabytes, so unpacking stops at the limit too.
"""

from __future__ import annotations

import zlib

from assistant.feeds.errors import FetchError

_GZIP = zlib.MAX_WBITS | 16
_IDENTITY = ("", "identity")


class BoundedBody:
    """Takes the chunks of one body in; neither they nor what they unpack to may pass the limit."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        """Raises FetchError for an encoding that was not asked for."""
        encoding = encoding.strip().lower()
        if encoding not in (*_IDENTITY, "gzip", "x-gzip"):
            raise FetchError(f"The server packs its answer as {encoding[:40]}, unasked.")
        self._unpacking = None if encoding in _IDENTITY else zlib.decompressobj(_GZIP)
        self._max_bytes = max_bytes
        self._arrived = 0
        self._ended = True  # no packed member is open
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take a chunk. Raises FetchError where it is too much or no gzip."""
        self._arrived += len(chunk)
        if self._arrived > self._max_bytes:
            raise self._too_large()
        if self._unpacking is None:
            self._body += chunk
            return
        while chunk:
            self._ended = False
            room = self._max_bytes - len(self._body) + 1
            try:
                self._body += self._unpacking.decompress(chunk, room)
            except zlib.error as error:
                raise FetchError("The server's gzip is damaged.") from error
            if len(self._body) > self._max_bytes:
                raise self._too_large()
            chunk = self._unpacking.unconsumed_tail
            if self._unpacking.eof:
                # A gzip file may be several in a row.
                chunk = self._unpacking.unused_data
                self._unpacking = zlib.decompressobj(_GZIP)
                self._ended = True
                if not chunk.strip(b"\0"):  # padding
                    return

    def whole(self) -> bytes:
        """The body. Raises FetchError where the packed stream broke off before its end."""
        if not self._ended:
            raise FetchError("The server's gzip breaks off before its end.")
        return bytes(self._body)

    def _too_large(self) -> FetchError:
        return FetchError(
            f"Larger than {self._max_bytes:,} bytes; raise fetch_max_bytes to take it."
        )
