"""NewsML-G2: news items, alone or in a news message.

In: the root of a NewsML-G2 tree. Out: fields for `build_article`, or the reason why an item gives
none, one for each item. Refuses to know: bytes.
Written after the NewsML-G2 guidelines (https://iptc.org/std/NewsML-G2/guidelines/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.articles.fields import FieldError
from assistant.articles.markup import html_paragraphs, local_name, paragraphs, text_of
from assistant.articles.nitf import nitf_fields
from assistant.articles.places import Fields
from assistant.articles.wirecopy import (
    check_kind,
    check_status,
    correction_note,
    is_correction_signal,
    later,
    moment_or_day,
    names_in,
    with_dateline,
)

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def newsml_items(root: Any) -> Iterator[Fields | str]:
    """One for each news item, in the order of the message. A package holds only references."""
    items = [
        one for one in root.iter() if isinstance(one.tag, str) and local_name(one) == "newsitem"
    ]
    if not items:
        yield "It packages references to news items and holds none; give the items themselves."
    for item in items:
        try:
            yield newsml_fields(item)
        except FieldError as error:
            yield f"{item.get('guid') or 'an item without guid'}: {error}"


def newsml_fields(item: Any) -> Fields:
    """The fields of one newsItem. Raises FieldError where it must not or cannot be used."""
    meta, content = _child(item, "itemMeta"), _child(item, "contentMeta")
    check_status(_code(_child(meta, "pubStatus")))
    check_kind(_code(_child(meta, "itemClass")))
    created = _moment(meta, "firstCreated") or _moment(content, "contentCreated")
    versioned = _moment(meta, "versionCreated")
    carried = _carried(item)
    own: Fields = {
        "url": _address(item),
        "title": text_of(_child(content, "headline")) or text_of(_child(meta, "title")),
        "text": "\n\n".join(with_dateline(text_of(_child(content, "dateline")), _text(item))),
        "authors": _authors(content, _language(item, content)),
        "publisher": _named(_child(meta, "provider")) or _named(_child(content, "infoSource")),
        "published_at": created or versioned,
        "updated_at": later(versioned, created),
        "language": _language(item, content),
        "source_id": (item.get("guid") or "").strip() or None,
        "embargoed_until": _moment(meta, "embargoed"),
        "correction": _correction(meta),
        "usage_terms": _rights(item),
    }
    # NITF inside states less or the same; it fills what the item leaves open.
    return carried | {name: value for name, value in own.items() if value}


def _text(item: Any) -> list[str]:
    """The paragraphs of the first rendition that is text and stands in the item itself."""
    renditions = _child(item, "contentSet")
    if renditions is None:
        raise FieldError("The item has no content.")
    for one in renditions:
        name = local_name(one) if isinstance(one.tag, str) else ""
        if name == "inlinexml" and len(one):
            found = _paragraphs_of_xml(one[0])
        elif name == "inlinedata":
            found = _paragraphs_of_data(one)
        else:
            continue
        if found:
            return found
    remote = [one.get("href") for one in _children(renditions, "remoteContent")]
    where = f"; it lies at {remote[0]}" if remote and remote[0] else ""
    raise FieldError(f"The text is not in the item{where}.")


def _paragraphs_of_xml(root: Any) -> list[str]:
    if local_name(root) == "nitf":
        return str(nitf_fields(root)["text"]).split("\n\n")
    return paragraphs(root)


def _paragraphs_of_data(data: Any) -> list[str]:
    if data.get("encoding"):
        return []
    text = "".join(data.itertext())
    if "html" in (data.get("contenttype") or ""):
        return html_paragraphs(text)
    return [block for block in text.split("\n\n") if block.strip()]


def _carried(item: Any) -> Fields:
    inside = _child(_child(_child(item, "contentSet"), "inlineXML"), "nitf")
    return nitf_fields(inside) if inside is not None else {}


def _authors(content: Any, language: str | None) -> list[str] | str:
    bylines = [names_in(text_of(one), language) for one in _children(content, "by")]
    names = [name for one in _children(content, "creator") if (name := _named(one))]
    return bylines[0] if len(bylines) == 1 else bylines or names


def _correction(meta: Any) -> str | None:
    signals = [
        code for one in _children(meta, "signal") if is_correction_signal(code := _code(one))
    ]
    notes = [text_of(one) for one in _children(meta, "edNote")]
    return correction_note(*notes, signal=signals[0] if signals else None)


def _rights(item: Any) -> str | None:
    info = _child(item, "rightsInfo")
    parts = [text_of(one) for one in _children(info, "copyrightNotice")]
    parts += [text_of(one) for one in _children(info, "usageTerms")]
    holder = _named(_child(info, "copyrightHolder"))
    if not parts and holder:
        parts = [f"© {holder}"]
    return "\n".join(filter(None, parts)) or None


def _address(item: Any) -> str | None:
    """The web address of the item where a link states it, else its guid, which is a URI."""
    for link in _children(_child(item, "itemMeta"), "link"):
        href = link.get("href") or ""
        if href.startswith(("http://", "https://")) and _last(link.get("rel")) in (
            "permalink",
            "web",
        ):
            return str(href)
    return (item.get("guid") or "").strip() or None


def _language(item: Any, content: Any) -> str | None:
    stated = _child(content, "language")
    tag = stated.get("tag") if stated is not None else None
    return str(tag or item.get(_LANGUAGE) or "") or None


def _named(element: Any) -> str | None:
    """The name of a party: its name element, its literal, or what its code ends in."""
    if element is None:
        return None
    code = _last(element.get("qcode"))
    return (
        text_of(_child(element, "name"))
        or element.get("literal")
        or element.get("uri")
        or code
        or None
    )


def _code(element: Any) -> str | None:
    return None if element is None else element.get("qcode") or element.get("uri")


def _last(code: str | None) -> str:
    return (code or "").rpartition(":")[2]


def _moment(element: Any, name: str) -> str | None:
    return moment_or_day(text_of(_child(element, name)))


def _child(element: Any, name: str) -> Any:
    return next(iter(_children(element, name)), None)


def _children(element: Any, name: str) -> list[Any]:
    if element is None:
        return []
    return [one for one in element if isinstance(one.tag, str) and local_name(one) == name.lower()]
