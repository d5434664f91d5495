"""What all wire formats share: publishing status, notes to editors, datelines.

In: values as the formats carry them. Out: values for `build_article`. Refuses to know: formats.
"""

from __future__ import annotations

import re

from assistant.articles.fields import FieldError
from assistant.articles.moments import parse_moment

_FORBIDDEN = {"canceled": "canceled", "cancelled": "canceled", "withheld": "withheld"}
_TEXT_KINDS = frozenset({"", "text", "composite"})
# What an editor's note says of a new version; "will be updated" announces one.
_CORRECTS = re.compile(
    r"\b(?:correct(?:s|ed|ion|ions|ing)|clarif(?:y|ies|ied|ication)|updat(?:es|ed|ing)|adds?|recasts?|"
    r"refil(?:e|es|ed|ing)|retract(?:s|ed|ion)|replac(?:es|ing)|amend(?:s|ed|ment)|kill(?:s|ed)?)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(r"\b(?:will|to)\s+be\s+(?:\w+\s+)?updated\b", re.IGNORECASE)
# "By" in the language of the item; in another, "Von" may well be a first name.
_BY = {
    "en": "by", "de": "von", "fr": "par", "es": "por", "pt": "por", "it": "di", "nl": "door",
    "sv": "av", "no": "av", "da": "af",
}  # fmt: skip
_DASH_END = re.compile(r"[-–—]\s*$")


def check_status(status: str | None) -> None:
    """Raises FieldError for an item that its provider has withheld or canceled.

    `status` is the IPTC publishing status, with or without its scheme ("stat:canceled").
    """
    name = _bare(status)
    if name in _FORBIDDEN:
        raise FieldError(
            f"The provider has {_FORBIDDEN[name]} this item (publishing status {status}); "
            "it must not be used."
        )


def check_kind(kind: str | None) -> None:
    """Raises FieldError for an item whose class is not text ("ninat:picture")."""
    name = _bare(kind)
    if name not in _TEXT_KINDS:
        raise FieldError(f"An item of the class {name}, not text.")


def correction_note(*notes: str | None, signal: str | None = None) -> str | None:
    """The first note to editors that tells of a correction or update, word for word.

    With a signal ("sig:correction") the first note of all, or else the signal itself.
    """
    written = [" ".join(note.split()) for note in notes if note and note.strip()]
    telling = [note for note in written if _CORRECTS.search(_ANNOUNCES.sub("", note))]
    if telling:
        return telling[0]
    if signal:
        return written[0] if written else _bare(signal).capitalize()
    return None


def is_correction_signal(signal: str | None) -> bool:
    """Whether a signal's code tells of a new version of published text."""
    return _bare(signal) in ("correction", "update", "updated", "corrected")


def with_dateline(dateline: str, paragraphs: list[str]) -> list[str]:
    """The paragraphs, the first led in by the dateline as a wire prints it.

    "NAIROBI, May 3 – The court …"; a text that has its dateline already keeps the one it has.
    """
    dateline = " ".join(dateline.split())
    if not dateline or not paragraphs:
        return paragraphs
    first = paragraphs[0]
    if _letters(first).startswith(_letters(dateline)):
        return paragraphs
    joint = " " if _DASH_END.search(dateline) or first.startswith(("(", "–", "—", "- ")) else " – "
    return [f"{dateline}{joint}{first}", *paragraphs[1:]]


def names_in(byline: str, language: str | None) -> str:
    """The byline without its "By"."""
    by = _BY.get((language or "en").lower()[:2], "by")
    return re.sub(rf"^\s*{by}\s+", "", byline, flags=re.IGNORECASE)


def moment_or_day(norm: str | None) -> str | None:
    """A normalised wire date; midnight to the second stands for the day ("20260503T000000")."""
    if not norm or not norm.strip():
        return None
    day, _, time = norm.strip().partition("T")
    return day if time and not time.strip("0:Z") else norm.strip()


def later(one: str | None, than: str | None) -> str | None:
    """`one` where both are dates and it is the later, else None."""
    try:
        return one if one and than and parse_moment(one)[0] > parse_moment(than)[0] else None
    except (ValueError, OverflowError, OSError):
        return None


def _bare(code: str | None) -> str:
    return (code or "").strip().lower().rpartition(":")[2].rpartition("/")[2]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
