"""What kind of file this is, by its first bytes and then by its name.

In: a name and the first bytes. Out: the name of a kind, or None.
Refuses to know: how a kind is read.

Names lie: .json may hold one value or lines, .xml may be a page or a wire file, .gz may hold
anything. Bytes that only one kind begins with decide; where they do not, the name does.
"""

from __future__ import annotations

import codecs
import json
import re
from pathlib import PurePosixPath

_BY_SUFFIX = {
    ".txt": "text", ".md": "markdown", ".markdown": "markdown",
    ".html": "page", ".htm": "page", ".xhtml": "page",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv",
    ".parquet": "parquet", ".xml": "xml", ".nitf": "xml", ".newsml": "xml",
    ".warc": "warc", ".wacz": "zip", ".zip": "zip", ".tar": "tar", ".tgz": "gzip",
    ".mbox": "mbox", ".eml": "mail", ".pdf": "pdf", ".docx": "zip",
}  # fmt: skip
_COMPRESSED = {".gz": "gzip", ".bz2": "bzip2"}
KNOWN_SUFFIXES = (
    *_BY_SUFFIX,
    *(suffix + packed for packed in _COMPRESSED for suffix in _BY_SUFFIX if suffix != ".tgz"),
)
# Every suffix a folder is searched for, for people.
SPOKEN_SUFFIXES = " ".join(_BY_SUFFIX)

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
    (b"WARC/", "warc"),
)
_TAR_MAGIC, _TAR_AT = b"ustar", 257
_PDF_WITHIN = 1_024
_MBOX = re.compile(rb"From \S+ .*\d{4}\s*\n[A-Za-z-]+:")
_MAIL = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:message-id|mime-version):",
    re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_BEFORE_ROOT = (("<?", "?>"), ("<!--", "-->"), ("<!", ">"))
_XML_ROOTS = frozenset({"newsitem", "newsmessage", "packageitem", "nitf"})
_LOOSE = frozenset({"text", "json", "jsonl", "csv", "xml", "page"})


def known_name(name: str) -> bool:
    """Whether a folder's or an archive's file of this name is worth opening."""
    return _suffix(name) in KNOWN_SUFFIXES


def kind_of(name: str, first: bytes) -> str | None:
    """The kind of a file; None where neither its bytes nor its name are known."""
    for magic, kind in _MAGIC:
        if first.startswith(magic):
            return kind
    if first[_TAR_AT : _TAR_AT + len(_TAR_MAGIC)] == _TAR_MAGIC:
        return "tar"
    if b"%PDF-" in first[:_PDF_WITHIN]:
        return "pdf"
    named = _named(name)
    if named is None:
        return _kind_of_text(first)
    if named not in _LOOSE:
        return named
    text = _start(first)
    root = _root(text)
    if root in _XML_ROOTS:
        return "xml"
    if root == "html" and named != "json":
        return "page"
    if named in ("json", "jsonl"):
        return _lines_or_value(text, named)
    return named


def _kind_of_text(first: bytes) -> str | None:
    """The kind of a file without a telling name ("dump.gz")."""
    text = _start(first)
    root = _root(text)
    if root in _XML_ROOTS:
        return "xml"
    if root == "html":
        return "page"
    if text.lstrip()[:1] in ("{", "["):
        return _lines_or_value(text, "json")
    if _MBOX.match(first):
        return "mbox"
    return "mail" if _MAIL.match(first) else None


def _lines_or_value(text: str, named: str) -> str:
    """Whether a JSON file holds one value or a value a line, whatever it is called."""
    line, _, rest = text.strip().partition("\n")
    whole = line.startswith("{") and _is_json(line)
    if named == "json":
        return "jsonl" if whole and rest.lstrip().startswith("{") else "json"
    return "json" if line.startswith("[") and not _is_json(line) and rest else "jsonl"


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _start(first: bytes) -> str:
    wide = first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return first.decode("utf-16" if wide else "utf-8", "replace").lstrip("\ufeff")


def _root(text: str) -> str | None:
    """The name of the first element, behind declarations and comments, without its prefix."""
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        closing = next((end for start, end in _BEFORE_ROOT if text.startswith(start, at)), None)
        if closing is None:
            found = _ROOT.match(text, at)
            return found[1].lower() if found else None
        # A document type may declare entities between brackets.
        bracket, end = text.find("[", at), text.find(closing, at)
        if closing == ">" and 0 <= bracket < end:
            end = text.find(closing, text.find("]", bracket))
        if end < 0:
            return None
        at = end + len(closing)


def _named(name: str) -> str | None:
    suffix = _suffix(name)
    return _BY_SUFFIX.get(suffix) or _COMPRESSED.get(suffix[suffix.rfind(".") :])


def _suffix(name: str) -> str:
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    if suffixes[-1:] and suffixes[-1] in _COMPRESSED:
        return "".join(suffixes[-2:])
    return "".join(suffixes[-1:])


def inner_name(name: str) -> str:
    """The name of what a compressed file holds: "dump.warc.gz" holds "dump.warc"."""
    path = PurePosixPath(name)
    if path.suffix.lower() == ".tgz":
        return f"{path.stem}.tar"
    return path.stem if path.suffix.lower() in _COMPRESSED else name
