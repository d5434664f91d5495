"""Saved web pages.

In: the bytes of an HTML file. Out: fields for `build_article`. Refuses to know: paths.
trafilatura finds the body and the metadata; it is imported on first use, since it is heavy.
"""

from __future__ import annotations

import json
from typing import Any

from assistant.articles.decode import decode


def page_fields(raw: bytes) -> dict[str, Any]:
    """Body text with paragraphs, headline, dates, authors, site and canonical url of a page."""
    import trafilatura

    extracted = trafilatura.extract(
        decode(raw),
        output_format="json",
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        deduplicate=False,
    )
    if extracted is None:
        return {}
    page: dict[str, Any] = json.loads(extracted)
    return {
        "url": page.get("source") or page.get("url"),
        "title": page.get("title"),
        "text": "\n\n".join((page.get("text") or page.get("raw_text") or "").split("\n")),
        "published_at": page.get("date"),
        "publisher": page.get("source-hostname") or page.get("hostname"),
        "authors": page.get("author"),
        "language": page.get("language"),
    }
