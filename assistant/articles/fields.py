"""From named fields, as files and pages carry them, to an Article.

In: a mapping of field names to values of any type. Out: an Article, or FieldError with the reason.
Refuses to know: file formats. One table of synonyms serves JSON, CSV, front matter and HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from assistant.articles.clean import clean_text, plain
from assistant.types import Article

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "link", "canonical_url", "canonical", "permalink", "source_url", "id"),
    "title": ("title", "headline", "name"),
    "text": ("text", "body", "content", "article", "article_text", "full_text", "maintext"),
    "published_at": (
        "published_at", "published", "publication_date", "date_published", "datepublished",
        "publish_date", "pubdate", "pub_date", "date", "created_at",
    ),
    "updated_at": ("updated_at", "updated", "modified", "date_modified", "datemodified", "lastmod"),
    "publisher": ("publisher", "source", "outlet", "site", "site_name", "sitename", "publication"),
    "authors": ("authors", "author", "byline", "by", "creator"),
    "language": ("language", "lang", "inlanguage"),
}  # fmt: skip
_LONGEST_TEXT = 5_000_000
_LONGEST_TITLE = 1_000
_FUTURE_SLACK = timedelta(days=2)
# The oldest newspaper is of 1605. Far older years are typing errors, and the year 1 cannot even be
# brought to UTC.
_EARLIEST_YEAR = 1600
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
_SUFFIXED = re.compile(r"\s*,\s*(?=(?:jr|sr|ii|iii|iv|md|phd)\b\.?)", re.IGNORECASE)
_WRITTEN_FORMS = (
    "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d",
)  # fmt: skip


class FieldError(ValueError):
    """A field that cannot be used; the message says which, why and what would do."""


def build_article(fields: Mapping[Any, Any], *, fallback_url: str, clean: bool = True) -> Article:
    """The Article that the fields describe.

    Raises FieldError where the text is missing or a field has a value that cannot be meant.
    """
    named = _by_meaning(fields)
    text = _text(named, "text") or ""
    if len(text) > _LONGEST_TEXT:
        raise FieldError(f"The text has {len(text):,} characters; the most is {_LONGEST_TEXT:,}.")
    body = clean_text(text) if clean else plain(text).strip()
    if not body:
        raise FieldError(f"No text: give it in a field named {' or '.join(SYNONYMS['text'][:3])}.")
    title = " ".join(plain(_text(named, "title") or "").split())[:_LONGEST_TITLE]
    published_at, date_only = _moment(named, "published_at")
    updated_at, _ = _moment(named, "updated_at")
    return Article(
        url=" ".join(plain(_text(named, "url") or "").split()) or fallback_url,
        title=title or _first_words(body),
        text=body,
        published_at=published_at,
        updated_at=updated_at,
        publisher=" ".join(plain(_text(named, "publisher") or "").split()) or None,
        authors=_authors(named.get("authors")),
        language=plain(_text(named, "language") or "").strip() or None,
        date_only=date_only,
    )


def parse_moment(value: str) -> tuple[datetime, bool]:
    """(moment with timezone, whether it names a day only). Raises ValueError for what is no date.

    ISO 8601, RFC 2822, seconds since 1970, and dates written out ("September 21, 2022").
    """
    value = " ".join(value.split())
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", value):
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC), False
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC), True
    try:
        return _aware(datetime.fromisoformat(value)), False
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
        return _aware(parsedate_to_datetime(value)), False
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


def _by_meaning(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """The known fields under our own names; of several synonyms the first with a value counts."""
    given = {
        re.sub(r"[\s-]+", "_", str(name).strip().lower().removeprefix("\ufeff")): value
        for name, value in fields.items()
    }
    return {
        meaning: next((given[name] for name in names if given.get(name) not in (None, "")), None)
        for meaning, names in SYNONYMS.items()
    }


def _text(named: Mapping[str, Any], meaning: str) -> str | None:
    value = named[meaning]
    if isinstance(value, Mapping):  # schema.org style: {"name": "Harbor Wire"}
        value = value.get("name")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise FieldError(f"The field {meaning} holds a {type(value).__name__}; it must be text.")
    if isinstance(value, (int, float)) and meaning in ("text", "title"):
        raise FieldError(f"The field {meaning} holds a number; it must be text.")
    text = str(value)
    return _unbroken(text, meaning)


def _unbroken(text: str, meaning: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FieldError(
            f"The field {meaning} holds broken Unicode; save the file as UTF-8."
        ) from error
    return text


def _moment(named: Mapping[str, Any], meaning: str) -> tuple[datetime | None, bool]:
    value = named[meaning]
    if value is None:
        return None, True
    if isinstance(value, datetime):
        moment, date_only = _aware(value), False
    elif isinstance(value, date):
        moment, date_only = datetime.combine(value, datetime.min.time(), UTC), True
    else:
        text = _text(named, meaning) or ""
        if not text.strip():
            return None, True
        try:
            moment, date_only = parse_moment(text)
        except (ValueError, OverflowError, OSError) as error:
            raise FieldError(
                f"The {meaning} {text[:60]!r} is no date. Write it as 2022-09-21 or "
                "2022-09-21T18:30:00+00:00, or leave it out."
            ) from error
    if moment.year < _EARLIEST_YEAR:
        raise FieldError(f"The {meaning} {moment.date()} is older than any newspaper; correct it.")
    if moment > datetime.now(UTC) + _FUTURE_SLACK:
        raise FieldError(f"The {meaning} {moment.date()} lies in the future; correct it.")
    return moment, date_only


def _authors(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, Mapping):  # schema.org style: {"name": "Ada Finch"}
        value = [value]
    if isinstance(value, str):
        value = re.sub(r"^\s*by\s+", "", _SUFFIXED.sub(" ", value), flags=re.IGNORECASE)
        value = re.split(r"\s*(?:;|,|\band\b)\s*", value)
    if not isinstance(value, (list, tuple)):
        raise FieldError(f"The field authors holds a {type(value).__name__}; give names.")
    names = [one.get("name") if isinstance(one, Mapping) else one for one in value]
    written = (
        " ".join(plain(_unbroken(name, "authors")).split())
        for name in names
        if isinstance(name, str)
    )
    return tuple(name for name in written if name)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _spelled_out(value: str) -> str:
    """Ordinals and the full stops of short months do not count ("Sept. 21st, 2022")."""
    value = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", value)
    return re.sub(r"\bSept\b", "Sep", value.replace(".", "") if value[:1].isalpha() else value)


def _first_words(text: str) -> str:
    words = text.split("\n", 1)[0].split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")
