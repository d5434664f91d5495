"""From named fields, as files and pages carry them, to an Article.

In: a mapping of field names to values of any type. Out: an Article, or FieldError with the reason.
Refuses to know: file formats. One table of synonyms serves JSON, CSV, front matter and HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from assistant.articles.clean import clean_text, plain
from assistant.articles.moments import aware, parse_moment
from assistant.types import Article

# Compared without case, blanks, hyphens and underscores: `publishedAt`, `Published At`.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "url": (
        "url", "link", "canonical_url", "canonical", "permalink", "source_url", "web_url",
        "article_url", "id",
    ),
    "title": ("title", "headline", "name", "heading"),
    "text": (
        "text", "body", "content", "article", "article_text", "article_body", "body_text",
        "full_text", "maintext", "content_text", "story",
    ),
    "published_at": (
        "published_at", "published", "publication_date", "date_published", "publish_date",
        "date_publish", "published_date", "web_publication_date", "pub_date", "date", "created_at",
    ),
    "updated_at": ("updated_at", "updated", "modified", "date_modified", "modified_at", "lastmod"),
    "publisher": (
        "publisher", "source", "outlet", "newspaper", "site", "site_name", "publication",
        "source_domain",
    ),
    "authors": ("authors", "author", "byline", "by", "creator"),
    "language": ("language", "lang", "in_language"),
    "source_id": ("source_id", "guid"),
    "embargoed_until": ("embargoed_until", "embargoed", "embargo"),
    "correction": ("correction", "correction_note", "corrections"),
    "usage_terms": ("usage_terms", "rights", "copyright_notice", "license", "licence"),
}  # fmt: skip
_LONGEST_TEXT = 5_000_000
_LONGEST_TITLE = 1_000
_FUTURE_SLACK = timedelta(days=2)
# An embargo that names a day only has ended everywhere on earth when the day has begun at UTC-12.
_LAST_DAWN = timedelta(hours=12)
# The oldest newspaper is of 1605. Far older years are typing errors, and the year 1 cannot even be
# brought to UTC.
_EARLIEST_YEAR = 1600
# A field that holds the texts of the pages of a paged source, in their order, instead of one text.
PAGES = "page_texts"
_TWO_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
    "por": "pt", "nld": "nl", "dut": "nl", "rus": "ru", "ukr": "uk", "pol": "pl", "ara": "ar",
    "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "swe": "sv", "nor": "no", "dan": "da",
    "fin": "fi", "tur": "tr", "ell": "el", "gre": "el", "heb": "he", "hin": "hi", "swa": "sw",
}  # fmt: skip
_SUFFIXED = re.compile(r"\s*,\s*(?=(?:jr|sr|ii|iii|iv|md|phd)\b\.?)", re.IGNORECASE)


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
    page_starts: tuple[int, ...] = ()
    pages = fields.get(PAGES)
    if isinstance(pages, list) and all(isinstance(page, str) for page in pages):
        body, page_starts = _joined([_unbroken(page, PAGES) for page in pages])
    if not body:
        raise FieldError(f"No text: give it in a field named {' or '.join(SYNONYMS['text'][:3])}.")
    title = " ".join(plain(_text(named, "title") or "").split())[:_LONGEST_TITLE]
    embargo, whole_day = _moment(named, "embargoed_until", latest=None)
    if embargo and whole_day:
        embargo += _LAST_DAWN
    # An item sent ahead of its embargo bears the moment at which it will be published.
    latest = max(filter(None, (embargo, datetime.now(UTC) + _FUTURE_SLACK)))
    published_at, date_only = _moment(named, "published_at", latest=latest)
    updated_at, _ = _moment(named, "updated_at", latest=latest)
    return Article(
        url=" ".join(plain(_text(named, "url") or "").split()) or fallback_url,
        title=title or _first_words(body),
        text=body,
        published_at=published_at,
        updated_at=updated_at,
        publisher=" ".join(plain(_text(named, "publisher") or "").split()) or None,
        authors=_authors(named.get("authors")),
        language=_language(_text(named, "language")),
        source_id=" ".join((_note(named, "source_id") or "").split()) or None,
        embargoed_until=embargo,
        correction=_note(named, "correction"),
        usage_terms=_note(named, "usage_terms"),
        page_starts=page_starts,
        date_only=date_only,
    )


def _by_meaning(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """The known fields under our own names; of several synonyms the first with a value counts."""
    given = {spelled_alike(str(name)): value for name, value in fields.items()}
    return {
        meaning: next((given[name] for name in names if given.get(name) not in (None, "")), None)
        for meaning, names in _SPELLINGS.items()
    }


def spelled_alike(name: str) -> str:
    """The form of a field's name in which its ways of spelling are one."""
    return re.sub(r"[\s_-]+", "", name.lower().removeprefix("\ufeff"))


_SPELLINGS = {meaning: tuple(map(spelled_alike, names)) for meaning, names in SYNONYMS.items()}


def _joined(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """The text of all pages and the offset at which each page that has text begins."""
    text, starts = "", []
    for page in filter(None, map(clean_text, pages)):
        text += "\n\n" if text else ""
        starts.append(len(text))
        text += page
    if len(text) > _LONGEST_TEXT:
        raise FieldError(f"The text has {len(text):,} characters; the most is {_LONGEST_TEXT:,}.")
    return text, tuple(starts)


def _language(tag: str | None) -> str | None:
    """The language of a tag ("en-GB"), two letters where it is one of those that news is in."""
    primary = re.split(r"[-_]", plain(tag or "").strip().lower())[0]
    if not re.fullmatch(r"[a-z]{2,3}", primary):
        return None
    return _TWO_LETTERS.get(primary, primary)


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


def _note(named: Mapping[str, Any], meaning: str) -> str | None:
    """Words beside the report; what is no text there costs nobody the article."""
    value = named[meaning]
    parts = value if isinstance(value, (list, tuple)) else [value]
    parts = [part.get("name") if isinstance(part, Mapping) else part for part in parts]
    written = (
        plain(_unbroken(str(part), meaning)).strip()
        for part in parts
        if isinstance(part, (str, int, float)) and not isinstance(part, bool)
    )
    return "\n".join(filter(None, written)) or None


def _unbroken(text: str, meaning: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FieldError(
            f"The field {meaning} holds broken Unicode; save the file as UTF-8."
        ) from error
    return text


def _moment(
    named: Mapping[str, Any], meaning: str, *, latest: datetime | None
) -> tuple[datetime | None, bool]:
    value = named[meaning]
    if value is None or value is False:
        return None, True
    if isinstance(value, datetime):
        moment, date_only = aware(value), False
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
    if latest and moment > latest:
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


def _first_words(text: str) -> str:
    words = text.split("\n", 1)[0].split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")
