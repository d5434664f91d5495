"""Saved web pages.

In: the bytes of an HTML file. Out: fields for `build_article`. Refuses to know: paths.
trafilatura finds the body and the metadata; it is imported on first use, since it is heavy. What
the page states in JSON-LD fills and betters the metadata.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from assistant.articles.decode import decode
from assistant.articles.jsonld import jsonld_fields
from assistant.articles.places import Fields

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEAD_BYTES = 8_192
_LANGUAGE = re.compile(r"<html\b[^>]{0,500}?\slang=[\"']?([A-Za-z-]{2,12})", re.IGNORECASE)
# 4-gram F1 of the 181 pages: precision .963, without tables .953, the defaults .960, recall .959.
_PRECISE: dict[str, Any] = {"favor_precision": True}
# For pages in which the precise mode finds nothing at all. They also take a front page's list of
# headlines for an article, so that what they find must read like a report.
_WIDER: tuple[dict[str, Any], ...] = ({}, {"favor_recall": True})
_SENTENCE_END = (".", "!", "?", "…", '"', "”", "’", "»", "。", "।")
_LEAST_SENTENCES = 0.5


def page_fields(raw: bytes, *, declared: str | None = None) -> Fields:
    """Body text with paragraphs, headline, dates, authors, site and canonical url of a page.

    `declared` is the encoding that a server stated for it. Nothing where it holds no article.
    """
    text = decode(raw, declared=declared or _declared_encoding(raw))
    page = _extracted(text, _PRECISE)
    for mode in _WIDER:
        if page:
            break
        wider = _extracted(text, mode)
        page = wider if _reads_like_a_report(wider.get("text") or "") else {}
    url = page.get("source") or page.get("url")
    stated = jsonld_fields(text, url=url)
    body = "\n\n".join((page.get("text") or page.get("raw_text") or "").split("\n"))
    found = {
        "url": url,
        "title": page.get("title"),
        "text": body or stated.pop("article_body", None),
        "published_at": page.get("date"),
        "publisher": page.get("source-hostname") or page.get("hostname"),
        "authors": page.get("author"),
        "language": page.get("language") or _stated_language(text),
    }
    if not found["text"]:
        return {}
    stated.pop("article_body", None)
    # A site's own name beats its host's name, and neither a better one.
    if found["publisher"] and not _is_host(found["publisher"]):
        stated.pop("publisher", None)
    return found | stated


def _extracted(text: str, mode: dict[str, Any]) -> dict[str, Any]:
    import trafilatura

    extracted = trafilatura.extract(
        text,
        output_format="json",
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        date_extraction_params={
            "original_date": True,
            # The wide search takes a copyright year or another story's date; then a page with no
            # date of its own would be dated wrongly instead of staying undated.
            "extensive_search": False,
            "max_date": datetime.now(UTC).date().isoformat(),
        },
        **mode,
    )
    page: dict[str, Any] = json.loads(extracted) if extracted else {}
    return page


def _reads_like_a_report(text: str) -> bool:
    """Whether at least half of it, by length, stands in lines that end like sentences."""
    lines = [line.strip() for line in text.split("\n")]
    in_sentences = sum(len(line) for line in lines if line.endswith(_SENTENCE_END))
    return in_sentences > 0 and in_sentences >= _LEAST_SENTENCES * sum(map(len, lines))


def _is_host(name: str) -> bool:
    return "." in name and " " not in name


def _stated_language(text: str) -> str | None:
    found = _LANGUAGE.search(text[:_HEAD_BYTES])
    return found[1] if found else None


def _declared_encoding(raw: bytes) -> str | None:
    found = _DECLARED.search(raw[:_HEAD_BYTES])
    return found[1].decode("ascii") if found else None
