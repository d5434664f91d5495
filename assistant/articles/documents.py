"""What the properties of an office document or PDF say about it, where they can be believed.

In: a title, a moment. Out: the same, or None where it is a template's or a program's.
Refuses to know: the formats.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

# "Microsoft Word - draft3.docx", "untitled", "layout.indd": a program's, not the story's.
_FROM_A_PROGRAM = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|document\d*|print(?:ed)?|scan\w*|"
    r".*\.(?:docx?|odt|rtf|pdf|indd|qxd|pages|tiff?|jpe?g|html?|txt)|[\W\d_]*)$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 300
# PDF is of 1993; an older moment is a clock that was never set.
_EARLIEST = datetime(1993, 1, 1, tzinfo=UTC)


def sane_title(title: str | None) -> str | None:
    """The title, unless it is a file name or a program's filler."""
    words = " ".join((title or "").split())
    usable = words and len(words) <= _LONGEST_TITLE and not _FROM_A_PROGRAM.match(words)
    return words if usable else None


def sane_moment(moment: datetime | None) -> datetime | None:
    """The moment with its timezone, unless it lies in the future or before such files."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware if _EARLIEST <= aware <= datetime.now(UTC) else None
