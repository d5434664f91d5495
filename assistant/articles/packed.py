"""Files that hold files: gzip, bzip2, zip (WACZ too) and tar.

In: a buffered stream. Out: (place, stream) of each member that is worth reading, one at a time, or
(place, reason). Refuses to know: what a member holds. Nothing is written to disk, so a member's
name leads nowhere.
"""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from assistant.articles.kinds import known_name
from assistant.articles.places import Place
from assistant.articles.streams import (
    DAMAGED,
    MOST_MEMBERS,
    Budget,
    PackedError,
    Readable,
    seekable,
    unpacked,
)

Member = tuple[Place, str, io.BufferedReader | str]

# Beside articles, a folder or an archive may hold these; named outright they are read.
NOT_ARTICLES = frozenset(
    {"readme.md", "sources.md", "license.md", "questions.jsonl", "examples.json"}
)
# A web archive's own lists of its pages, which are no articles.
_WACZ_OWN = ("pages/", "indexes/", "datapackage")
_ENCRYPTED = 0x1
# 46 bytes and the name; a directory beyond this many for each member is refused unread.
_DIRECTORY_ENTRY = 46 + 200
_END_RECORD = struct.Struct("<4s4H2LH")
_WIDE_END_RECORD = struct.Struct("<4sQ2H2L3Q")
_IN_WIDE_RECORD = 0xFFFF_FFFF
_LONGEST_COMMENT = 65_535


def worth_reading(name: str) -> bool:
    """Whether the file of that name, somewhere in a folder or an archive, may be an article."""
    path = PurePosixPath(name)
    hidden = any(
        (part.startswith(".") and part != "..") or part == "__MACOSX" for part in path.parts
    )
    return known_name(name) and not hidden and path.name.lower() not in NOT_ARTICLES


def decompressed(stream: io.BufferedReader, kind: str, budget: Budget) -> io.BufferedReader:
    """What a "gzip" or "bzip2" stream holds."""
    if kind == "bzip2":
        return unpacked(bz2.BZ2File(stream), budget)
    return unpacked(gzip.GzipFile(fileobj=stream), budget)


def zip_members(archive: zipfile.ZipFile, place: Place, budget: Budget) -> Iterator[Member]:
    """The members of a zip in the order of its directory."""
    names = archive.namelist()
    web_archive = any(name.startswith("archive/") and ".warc" in name for name in names)
    for info in archive.infolist():
        budget.enter()
        if info.is_dir() or not worth_reading(info.filename):
            continue
        if web_archive and info.filename.startswith(_WACZ_OWN):
            continue
        inside = place.member(info.filename)
        if info.flag_bits & _ENCRYPTED:
            yield inside, info.filename, "Locked with a password; unpack it and give the files."
            continue
        try:
            with archive.open(info) as member:
                yield inside, info.filename, unpacked(cast("Readable", member), budget)
        except DAMAGED as error:
            yield inside, info.filename, f"Cannot be unpacked: {error}."


def open_zip(stream: io.BufferedReader) -> zipfile.ZipFile:
    """The zip. Raises PackedError where its directory alone would take all memory."""
    file = seekable(stream)
    if _directory_bytes(file) > MOST_MEMBERS * _DIRECTORY_ENTRY:
        raise PackedError(f"More than {MOST_MEMBERS:,} members; split the archive.")
    archive = zipfile.ZipFile(file)
    if len(archive.filelist) > MOST_MEMBERS:
        raise PackedError(f"More than {MOST_MEMBERS:,} members; split the archive.")
    return archive


def tar_members(stream: io.BufferedReader, place: Place, budget: Budget) -> Iterator[Member]:
    """The regular files of a tar, read once from front to end."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            budget.enter()
            # The list that tarfile keeps for seeking back would grow with the archive.
            archive.members = []  # type: ignore[attr-defined]
            if not info.isreg() or not worth_reading(info.name):
                continue
            member = archive.extractfile(info)
            if member is not None:
                yield place.member(info.name), info.name, unpacked(cast("Readable", member), budget)


def _directory_bytes(file: IO[bytes]) -> int:
    """The size that a zip states for its directory, 0 where it states none."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_COMMENT - _END_RECORD.size))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_RECORD.size:
        return 0
    stated = int(_END_RECORD.unpack_from(tail, at)[5])
    wide = tail.rfind(b"PK\x06\x06")
    if stated == _IN_WIDE_RECORD and 0 <= wide <= len(tail) - _WIDE_END_RECORD.size:
        stated = int(_WIDE_END_RECORD.unpack_from(tail, wide)[-1])
    return stated
