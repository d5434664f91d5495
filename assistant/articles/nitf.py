"""NITF 3.x, the News Industry Text Format.

In: the root of an NITF tree. Out: fields for `build_article`. Raises FieldError for an item that
must not be used. Refuses to know: bytes, and NewsML-G2, which may carry NITF.
Written after the NITF 3.6 DTD and its documentation (https://iptc.org/standards/nitf/).
"""

from __future__ import annotations

from typing import Any

from assistant.articles.fields import FieldError
from assistant.articles.markup import local_name, paragraphs, text_of
from assistant.articles.places import Fields
from assistant.articles.wirecopy import (
    check_status,
    correction_note,
    later,
    moment_or_day,
    with_dateline,
)

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def nitf_fields(root: Any) -> Fields:
    """Headline, byline, dates, rights and the text led in by its dateline."""
    docdata = _first(root, "docdata")
    status = _attribute(docdata, "management-status")
    check_status(status)
    published = _published(root)
    released = _norm(docdata, "date.release")
    if status == "embargoed" and released is None:
        raise FieldError("The item is under embargo and does not say until when (date.release).")
    revised = max(
        (_attribute(one, "norm") or "" for one in _all(root, "revision-history")), default=""
    )
    return {
        "url": _address(root, docdata),
        "title": _headline(root),
        "text": "\n\n".join(_text(root)),
        "authors": _authors(root),
        "publisher": _publisher(root),
        "published_at": published,
        "updated_at": later(moment_or_day(revised), published),
        "language": root.get(_LANGUAGE) or root.get("lang"),
        "source_id": _attribute(_first(root, "doc-id"), "id-string"),
        "embargoed_until": released if status == "embargoed" else None,
        "correction": _correction(root),
        "usage_terms": _rights(root),
    }


def _text(root: Any) -> list[str]:
    # Notes in the head hold a body.content of their own.
    body = _first(root, "body")
    parts = [] if body is None else list(body)
    content = next((part for part in parts if local_name(part) == "body.content"), None)
    if content is None:
        return []
    # A dateline may also stand inside the content, where the text has it already.
    dateline = _first(_first(root, "body.head"), "dateline")
    return with_dateline(text_of(dateline), paragraphs(content))


def _headline(root: Any) -> str:
    head = _first(root, "body.head")
    return text_of(_first(head, "hl1")) or text_of(_first(head, "hedline")) or _title(root)


def _title(root: Any) -> str:
    title = _first(_first(root, "head"), "title")
    return " ".join("".join(title.itertext()).split()) if title is not None else ""


def _authors(root: Any) -> list[str] | str:
    """The persons named in the byline, or the byline without their posts."""
    names: list[str] = []
    for byline in _all(_first(root, "body.head"), "byline"):
        persons = [text_of(person) for person in _all(byline, "person")]
        for post in _all(byline, "byttl"):
            post.text = ""
            for inside in list(post):
                post.remove(inside)
        names += persons or [text_of(byline)]
    # One line may name several ("By Ada Finch and Jo Ode"); fields.py parts them.
    return names[0] if len(names) == 1 else names


def _publisher(root: Any) -> str | None:
    named = _attribute(_first(root, "pubdata"), "name")
    distributor = text_of(_first(_first(root, "body.head"), "distributor"))
    return named or distributor or _attribute(_first(root, "doc.copyright"), "holder")


def _published(root: Any) -> str | None:
    stated = (
        moment_or_day(_attribute(_first(root, "pubdata"), "date.publication")),
        _norm(root, "date.issue"),
        _norm(root, "date.release"),
        _norm(root, "story.date"),
    )
    return next(filter(None, stated), None)


def _address(root: Any, docdata: Any) -> str | None:
    """The web address of the item, or else a name made of its lasting id and who gave it."""
    web = _attribute(_first(root, "pubdata"), "ex-ref") or ""
    if web.startswith(("http://", "https://")):
        return web
    identity = _first(docdata, "doc-id")
    number = _attribute(identity, "id-string")
    source = _attribute(identity, "regsrc") or "unknown"
    return f"urn:x-nitf:{source}:{number}" if number else None


def _correction(root: Any) -> str | None:
    docdata = _first(root, "docdata")
    stated = _first(docdata, "correction")
    return correction_note(
        _attribute(stated, "info"),
        _attribute(_first(docdata, "ed-msg"), "info"),
        *(text_of(note) for note in _all(_first(root, "body.head"), "note")),
        signal="correction" if stated is not None else None,
    )


def _rights(root: Any) -> str | None:
    """The rights notes and marks of the item, a line each."""
    notes = [
        text_of(note)
        for note in _all(root, "note")
        if note.get("noteclass") in ("cpyrt", "trademk")
    ]
    copyright_ = _first(root, "doc.copyright")
    holder = _attribute(copyright_, "holder")
    if holder:
        notes.append(" ".join(filter(None, ("©", _attribute(copyright_, "year"), holder))))
    for rights in _all(root, "doc.rights"):
        stated = (
            rights.get(name) for name in ("owner", "agent", "limitations", "geography", "type")
        )
        notes.append("; ".join(filter(None, stated)))
    return "\n".join(dict.fromkeys(filter(None, notes))) or None


def _first(element: Any, name: str) -> Any:
    return next(iter(_all(element, name)), None)


def _all(element: Any, name: str) -> list[Any]:
    if element is None:
        return []
    return [one for one in element.iter() if isinstance(one.tag, str) and local_name(one) == name]


def _attribute(element: Any, name: str) -> str | None:
    return (element.get(name) or "").strip() or None if element is not None else None


def _norm(element: Any, name: str) -> str | None:
    return moment_or_day(_attribute(_first(element, name), "norm"))
