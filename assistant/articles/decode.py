"""From the bytes of a file to text.

In: bytes. Out: a string, or DecodeError with the reason. Refuses to know: formats.
"""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESS_BYTES = 200_000
# Rare code pages (cp775, hp_roman8) fit Western bytes as well as cp1252 does and win by accident.
# A few accents in much ASCII are too little to guess by (cp1250 reads "à" as "ŕ"): cp1252 then.
_FEW_HIGH_BYTES = 40
_LATIN_SHARE = 0.2
_LIKELY = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "koi8_r",
    "shift_jis",
    "gb18030",
    "big5",
]


class DecodeError(ValueError):
    """The bytes are no text."""


def decode(raw: bytes, *, declared: str | None = None) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else the encoding it declares or a guess.

    Raises DecodeError for empty and binary files.
    """
    if not raw.strip():
        raise DecodeError("The file is empty.")
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                raise DecodeError(
                    f"Broken {encoding} ({error.reason}); save it as UTF-8."
                ) from error
    if b"\0" in raw:
        raise DecodeError("A binary file, not text.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for encoding in filter(None, (declared and _known(declared), _guessed(raw), "cp1252")):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DecodeError("No known text encoding; save the file as UTF-8.")


def encoding_of(raw: bytes) -> str:
    """The likeliest encoding of a piece of text that is no UTF-8."""
    return _guessed(raw) or "cp1252"


def _known(name: str) -> str | None:
    """The codec of a declared name; browsers read Latin-1 as its superset cp1252, so do we."""
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    # Codecs that are no text encodings ("rot13", "zip") refuse bytes.decode with LookupError.
    if not getattr(codec, "_is_text_encoding", True) or codec.name.startswith("utf"):
        return None
    return "cp1252" if codec.name in ("iso8859-1", "ascii") else codec.name


def _guessed(raw: bytes) -> str | None:
    sample = raw[:_GUESS_BYTES]
    high = sum(byte > 127 for byte in sample)
    if high < _FEW_HIGH_BYTES and high < _LATIN_SHARE * len(sample):
        return None
    guess = from_bytes(sample, cp_isolation=_LIKELY).best()
    return guess.encoding if guess else None
