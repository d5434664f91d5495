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


def decode(raw: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or a guessed 8-bit encoding.

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
    guess = from_bytes(raw[:_GUESS_BYTES], cp_isolation=_LIKELY).best()
    encoding = guess.encoding if guess else "cp1252"
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise DecodeError("No known text encoding; save the file as UTF-8.") from error
