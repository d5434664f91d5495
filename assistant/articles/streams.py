"""Packed bytes, unpacked a piece at a time and never without a limit.

In: a binary stream of a file. Out: a buffered stream whose `peek` shows the first bytes, or
PackedError once more comes out than the file can honestly hold. Refuses to know: formats, paths.
"""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from assistant.articles.decode import DecodeError

# Whole-file formats (a page, a PDF, a JSON value) are held in memory.
LARGEST_WHOLE = 50_000_000
LARGEST_TABLE = 200_000_000
LARGEST_PAGE = 20_000_000
# Deflate packs at most 1,032 to 1. News packs 3 to 10 times, a synthetic dump of one sentence about
# 200 times; below the free part a ratio says nothing and costs nothing.
_MOST_RATIO = 400
_FREE_BYTES = 64_000_000
MOST_MEMBERS = 200_000
MOST_LAYERS = 4
PEEK_BYTES = 8_192
READ_BYTES = 65_536

# What the unpackers raise for damaged bytes.
DAMAGED = (
    OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
    NotImplementedError, struct.error,
)  # fmt: skip


class PackedError(ValueError):
    """A packed file holds more, deeper or more often than is honest; none of it is read on."""


@dataclass
class Budget:
    """What may still come out of one file on disk, all its layers and members together."""

    packed_bytes: int
    unpacked_bytes: int = 0
    members: int = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes; raises PackedError beyond the ratio that is honest."""
        self.unpacked_bytes += count
        most = max(_FREE_BYTES, _MOST_RATIO * self.packed_bytes)
        if self.unpacked_bytes > most:
            raise PackedError(
                f"Larger than {most:,} bytes once unpacked, over {_MOST_RATIO} times its size: "
                "a packed bomb. Unpack it yourself if you trust it."
            )

    def enter(self) -> None:
        """Count a member; raises PackedError beyond the most."""
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise PackedError(f"More than {MOST_MEMBERS:,} members; split the archive.")


class Readable(Protocol):
    """What an unpacker must do: give what it has, so that nothing is lost where damage begins."""

    def read1(self, size: int, /) -> bytes: ...


class _Counted(io.RawIOBase):
    """A stream that is charged to a budget; fills what it is asked for, so that peek is whole.

    Damage ends it like the end of the file does: what came out before is not lost in a buffer.
    Whoever reads to the end asks `raise_damage`.
    """

    def __init__(self, stream: Readable, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self.damage: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled = 0
        while filled < len(buffer) and not self.damage:
            try:
                piece = self._stream.read1(len(buffer) - filled)
            except DAMAGED as error:
                self.damage = error
                break
            if not piece:
                break
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._budget.spend(filled)
        return filled


def opened(path: Path) -> io.BufferedReader:
    """The file at the path, buffered."""
    return io.BufferedReader(path.open("rb", buffering=0), READ_BYTES)


def unpacked(stream: Readable, budget: Budget) -> io.BufferedReader:
    """The bytes that come out of `stream`, charged to the budget."""
    return io.BufferedReader(_Counted(stream, budget), READ_BYTES)


def raise_damage(stream: IO[bytes]) -> None:
    """Raises what the unpacker said (one of DAMAGED) where the stream has ended in damage."""
    raw = getattr(stream, "raw", None)
    if isinstance(raw, _Counted) and raw.damage is not None:
        raise raw.damage


def first_bytes(stream: io.BufferedReader) -> bytes:
    """The first bytes, which stay to be read. Raises one of DAMAGED where none come out."""
    first = stream.peek(PEEK_BYTES)[:PEEK_BYTES]
    if not first:
        raise_damage(stream)
    return first


def read_whole(stream: IO[bytes], most: int = LARGEST_WHOLE) -> bytes:
    """All bytes. Raises DecodeError beyond `most`, and one of DAMAGED for half of a file."""
    raw = stream.read(most + 1)
    raise_damage(stream)
    if len(raw) > most:
        raise DecodeError(f"Larger than {most:,} bytes, no single article; split it.")
    return raw


def seekable(stream: IO[bytes]) -> IO[bytes]:
    """The stream itself where it can be sought in, or else its bytes in memory, within limits."""
    if stream.seekable():
        return stream
    return io.BytesIO(read_whole(stream, LARGEST_TABLE))
