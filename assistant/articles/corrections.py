"""Find the publisher's own note that an article was corrected or updated.

In: headline and text. Out: the note, word for word, and the day it names. Refuses to know: where
articles come from, how answers are worded.

Notes are recognised by the trade's fixed forms (a labelled paragraph, "This article was amended
on …", a wire slug such as "UPDATE 2-"), never by a stray "corrected" in a report about corrections.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_ITEM = r"(?:article|story|report|piece|post|column|headline|version|dispatch|item|page|caption)"
_CHANGED = r"(?:amended|corrected|updated|edited|changed|revised|clarified|modified)"
_LABELLED = re.compile(
    r"^[\W_]*(?:editor['’]?s?\s+(?:note|correction)|correction(?:s)?(?:\s+(?:and|&)\s+clarifications?)?"
    r"|clarification|erratum|update|updated|corrected)\b[^:.\n]{0,40}:\s*\S",
    re.IGNORECASE,
)
# An editor's note may be about anything ("names were changed"): it counts where it says so.
_EDITORS_NOTE = re.compile(r"^[\W_]*editor['’]?s?\s+note\b", re.IGNORECASE)
_SPEAKS_OF_CHANGE = re.compile(
    rf"\b(?:{_CHANGED}|correct(?:s|ed|ion)?|misstated|misspelled|incorrectly|erroneous(?:ly)?|"
    r"in error|earlier version|previous version|mistaken(?:ly)?)\b",
    re.IGNORECASE,
)
_STATED = re.compile(
    rf"^[\W_]*(?:this|the)\s+(?:\w+\s+)?{_ITEM}\s+(?:was|has\s+been|is\s+being)\s+(?:\w+\s+)?{_CHANGED}\b"
    rf"|^[\W_]*an?\s+(?:earlier|previous|prior|original)\s+version\s+of\s+th(?:is|e)\s+(?:\w+\s+)?{_ITEM}\b"
    rf"|^[\W_]*(?:an?\s+|the\s+)?original\s+{_ITEM}\s+(?:\w+\s+)?(?:said|stated|gave|misstated|misspelled)\b"
    r"|^\((?:adds|recasts|refiles|updates)\b[^()]{3,300}\)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"\((?:Corrects|Corrected|Refiles|This\s+(?:story|article|version)\s+(?:corrects|has\s+been\s+"
    rf"{_CHANGED}))\b[^()]{{3,400}}\)"
)
# Wire slugs, upper case by custom: "CORRECTED-", "UPDATE 2-", "CORRECTED-UPDATE 1-", "REFILE-".
_SLUG = re.compile(
    r"^(?:(?:CORRECTED|CORRECTION|CLARIFICATION|CLARIFIED|REFILE|UPDATED?)(?:\s+\d{1,2})?(?:\s*-\s*|:\s+))+"
)
_HEADLINE = re.compile(r"^(?:Correction|Clarification):\s")
_LONGEST_NOTE = 600
_MONTHS = "january february march april may june july august september october november december"
_MONTH = "|".join(f"{month[:3]}[a-z]*" for month in _MONTHS.split())
# Only a date that belongs to the change: "amended on 3 June 2024", "Correction (June 3, 2024):".
# Another one may be the very thing that was wrong.
_DATE = re.compile(
    rf"\b(?:{_CHANGED}|corrections?|clarification|update)\b[\s,:(]*(?:(?:at|on)\s+)?(?:[a-z]+day,?\s+)?"
    rf"(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})"
    rf"|(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}}))",
    re.IGNORECASE,
)


def find_correction(title: str, text: str) -> str | None:
    """The first note in the article, cut at 600 characters; None where there is none."""
    note = next(_notes(text), None)
    if note is None and (_SLUG.match(title) or _HEADLINE.match(title)):
        note = title
    return note[:_LONGEST_NOTE] if note else None


def is_update_only(note: str) -> bool:
    """Whether a note says that more was added, and nothing of a mistake."""
    corrects = re.search(
        r"correct|amend|clarif|misstat|misspel|mistak|error|errat|refile", note, re.IGNORECASE
    )
    return (
        corrects is None and re.search(r"updat|\badds\b|recasts", note, re.IGNORECASE) is not None
    )


def noted_day(note: str) -> date | None:
    """The day of the change that the note names; None where it names none."""
    for found in _DATE.finditer(note):
        try:
            if found["iso"]:
                return date.fromisoformat(found["iso"])
            month = (found["month"] or found["month2"])[:3].lower()
            number = [name[:3] for name in _MONTHS.split()].index(month) + 1
            return date(
                int(found["year"] or found["year2"]), number, int(found["day"] or found["day2"])
            )
        except ValueError:  # 31 June
            continue
    return None


def _notes(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        paragraph = line.strip()
        if not paragraph:
            continue
        slug = _SLUG.match(paragraph)
        labelled = _LABELLED.match(paragraph) and (
            not _EDITORS_NOTE.match(paragraph) or _SPEAKS_OF_CHANGE.search(paragraph)
        )
        if slug or labelled or _STATED.match(paragraph):
            yield paragraph
        elif bracketed := _BRACKETED.search(paragraph):
            yield bracketed[0]
