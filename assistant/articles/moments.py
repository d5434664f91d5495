"""Dates as news writes them.

In: the text of a date. Out: the moment, and whether it names a day only. Refuses to know: fields.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"
_TIMED = re.compile(
    rf"(?:{_DAY})?(?P<day>.*?\d{{4}}),?\s+(?:at\s+)?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})"
    r"(?::(?P<second>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>\(?[a-z]{1,5}\)?)?",
    re.IGNORECASE,
)
_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "BST": 1, "CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "CST": -6,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_RFC_2822 = re.compile(
    r"(?:[a-z]{3},\s*)?\d{1,2}\s+[a-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s+(?:[+-]\d{4}|[a-z]{1,4}))?"
    r"|[a-z]{3}\s+[a-z]{3}\s+\d{1,2}\s+\d{2}:\d{2}:\d{2}\s+(?:[a-z]{3,4}\s+)?\d{4}",
    re.IGNORECASE,
)
_WRITTEN_FORMS = (
    "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d",
)  # fmt: skip


def parse_moment(value: str) -> tuple[datetime, bool]:
    """(moment with timezone, whether it names a day only). Raises ValueError for what is no date.

    ISO 8601, RFC 2822, seconds since 1970, and dates written out ("September 21, 2022").
    """
    value = " ".join(value.split())
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", value):
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC), False
    if re.fullmatch(r"\d{4}(-?)\d{2}\1\d{2}", value):
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC), True
    try:
        return aware(datetime.fromisoformat(value)), False
    except ValueError:
        pass
    if day := _written_day(value):
        return day, True
    timed = _TIMED.fullmatch(value)
    if timed and (day := _written_day(timed["day"])):
        return _at_time(day, timed)
    # parsedate reads "6:30 PM" as 6:30 and guesses at much else: only what has the form goes in.
    if not _RFC_2822.fullmatch(value):
        raise ValueError(value)
    try:
        return aware(parsedate_to_datetime(value)), False
    except (TypeError, IndexError) as error:
        raise ValueError(value) from error


def _written_day(value: str) -> datetime | None:
    value = re.sub(rf"^{_DAY}", "", value, flags=re.IGNORECASE)
    for form in _WRITTEN_FORMS:
        try:
            return datetime.strptime(_spelled_out(value), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _at_time(day: datetime, timed: re.Match[str]) -> tuple[datetime, bool]:
    """The moment on that day; the day alone where the zone is named but not known ("ET")."""
    hour, half = int(timed["hour"]), (timed["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(timed[0])
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    moment = day.replace(hour=hour, minute=int(timed["minute"]), second=int(timed["second"] or 0))
    zone = (timed["zone"] or "UTC").strip("()").upper()
    if zone not in _ZONE_HOURS:
        return day, True
    return moment.replace(tzinfo=timezone(timedelta(hours=_ZONE_HOURS[zone]))), False


def aware(moment: datetime) -> datetime:
    """The moment with its timezone, UTC where it names none."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _spelled_out(value: str) -> str:
    """Ordinals and the full stops of short months do not count ("Sept. 21st, 2022")."""
    value = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", value)
    return re.sub(r"\bSept\b", "Sep", value.replace(".", "") if value[:1].isalpha() else value)
