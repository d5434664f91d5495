"""IPTC ninjs, news in JSON: versions 1.x, 2.x and the camel case of 3.x.

In: a JSON object. Out: whether it is ninjs, and fields for `build_article`. Raises FieldError for
an item that must not or cannot be used. Refuses to know: files.
Written after the ninjs user guide (https://www.iptc.org/std/ninjs/userguide/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.articles.fields import FieldError
from assistant.articles.markup import html_paragraphs
from assistant.articles.places import Fields
from assistant.articles.wirecopy import check_kind, check_status, correction_note, later, names_in

# `uri` is the one required property; two of these beside it are no accident.
_MARKS = frozenset(
    """versioncreated firstcreated contentcreated pubstatus usageterms copyrightholder
    copyrightnotice ednote bodies headlines descriptions renditions associations body_text
    body_xhtml body_html infosource infosources slugline representationtype mimetype""".split()
)
_FEWEST_MARKS = 2


def is_ninjs(record: Mapping[str, Any]) -> bool:
    """Whether the object says that it is ninjs, or has what only ninjs has together."""
    names = {str(name).lower() for name in record}
    standard = record.get("standard")
    if isinstance(standard, Mapping) and str(standard.get("name", "")).lower() == "ninjs":
        return True
    return "uri" in names and len(names & _MARKS) >= _FEWEST_MARKS


def ninjs_fields(record: Mapping[str, Any]) -> Fields:
    """Headline, byline, dates, rights and text of a ninjs item."""
    item = {str(name).lower(): value for name, value in record.items()}
    check_status(_words(item.get("pubstatus")))
    check_kind(_words(item.get("type")))
    created = _words(item.get("firstcreated")) or _words(item.get("contentcreated"))
    versioned = _words(item.get("versioncreated"))
    text = _body(item)
    if not text:
        raise FieldError("The item carries no text (no body_text, body_xhtml or bodies).")
    return {
        "url": item.get("uri"),
        "title": _said(item, "headline", "headlines") or _words(item.get("title")),
        "text": text,
        "authors": names_in(
            _words(item.get("byline")) or _words(item.get("by")), _words(item.get("language"))
        ),
        "publisher": _publisher(item),
        "published_at": created or versioned,
        "updated_at": later(versioned, created),
        "language": item.get("language"),
        "source_id": item.get("uri"),
        "embargoed_until": item.get("embargoed"),
        "correction": _correction(item),
        "usage_terms": _rights(item),
    }


def _body(item: Mapping[str, Any]) -> str:
    """The main body; marked-up text keeps its paragraphs, so it goes before plain text."""
    bodies = [one for one in _list(item.get("bodies")) if isinstance(one, Mapping)]
    bodies = [{str(name).lower(): value for name, value in one.items()} for one in bodies]
    # 1.x names a property for each form of the text (body_text, body_xhtml, body_story …).
    bodies += [
        {"contenttype": name.removeprefix("body_"), "value": value}
        for name, value in item.items()
        if name == "body" or name.startswith("body_")
    ]
    ranked = sorted(bodies, key=lambda one: ("html" not in _form(one), one.get("role") != "main"))
    for one in ranked:
        value = _words(one.get("value"))
        text = "\n\n".join(html_paragraphs(value)) if "html" in _form(one) else value
        if text.strip():
            return text
    return ""


def _form(body: Mapping[str, Any]) -> str:
    return f"{_words(body.get('contenttype'))} {_words(body.get('role'))}".lower()


def _said(item: Mapping[str, Any], single: str, several: str) -> str:
    """The text of a property that 1.x holds once and 2.x as a list with roles."""
    if text := _words(item.get(single)):
        return text
    given = [one for one in _list(item.get(several)) if isinstance(one, Mapping)]
    given.sort(key=lambda one: one.get("role") != "main")
    return next((text for one in given if (text := _words(one.get("value")))), "")


def _publisher(item: Mapping[str, Any]) -> str | None:
    sources = _list(item.get("infosources")) + _list(item.get("infosource"))
    named = [_words(one.get("name")) for one in sources if isinstance(one, Mapping)]
    candidates = (_words(item.get("provider")), *named, _words(item.get("copyrightholder")))
    return next(filter(None, candidates), None)


def _correction(item: Mapping[str, Any]) -> str | None:
    signal = _words(item.get("signal")) or _words(item.get("profile"))
    corrects = signal.lower() in ("correction", "update")
    return correction_note(_words(item.get("ednote")), signal=signal if corrects else None)


def _rights(item: Mapping[str, Any]) -> str | None:
    parts = [_words(item.get("copyrightnotice")), _words(item.get("usageterms"))]
    info = item.get("rightsinfo")
    for part in _list(info) if not isinstance(info, Mapping) else [info]:
        if isinstance(part, Mapping):
            parts += [_words(part.get(name)) for name in ("linkedrights", "usageterms")]
    return "\n".join(dict.fromkeys(filter(None, parts))) or None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _words(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
