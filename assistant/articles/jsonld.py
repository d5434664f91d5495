"""schema.org NewsArticle in the JSON-LD of a web page.

In: the text of a page. Out: the fields for `build_article` that its JSON-LD states well.
Refuses to know: the page around it. Publishers write JSON-LD by template: what is malformed is left
out and never costs the page.
Written after https://schema.org/NewsArticle and https://schema.org/CorrectionComment.
"""

from __future__ import annotations

import html
import json
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from assistant.articles.moments import parse_moment
from assistant.articles.places import Fields

_ARTICLES = frozenset(
    """Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle
    OpinionNewsArticle ReviewNewsArticle AskPublicNewsArticle BlogPosting LiveBlogPosting""".split()
)
_OPENING, _CLOSING = "<script", "</script"
_LONGEST_TAG = 500
_MOST_BLOCKS = 50
_MOST_NODES = 10_000


def jsonld_fields(page: str, *, url: str | None = None) -> Fields:
    """What the page's own NewsArticle states; nothing where it has none or several fit equally.

    `url` is the address of the page, which tells its article from those it only teases.
    """
    article = _own_article(list(_articles(page)), url)
    if article is None:
        return {}
    published = _moment(article.get("datePublished"))
    updated = _moment(article.get("dateModified"))
    stated = {
        "title": _text(article.get("headline")),
        "article_body": _text(article.get("articleBody")),
        "authors": _persons(article.get("author") or article.get("creator")),
        "published_at": published,
        "updated_at": updated if updated != published else None,
        "publisher": _name(article.get("publisher")),
        "language": _name(article.get("inLanguage")),
        "correction": _correction(article.get("correction")),
        "usage_terms": _usage(article),
    }
    return {name: value for name, value in stated.items() if value}


def _articles(page: str) -> Iterator[dict[str, Any]]:
    """The article nodes of all blocks; those inside lists of teasers are not looked for."""
    for block in _blocks(page):
        try:
            pending = deque([json.loads(block, strict=False)])
        except (ValueError, RecursionError):
            continue
        seen = 0
        while pending and seen < _MOST_NODES:
            node, seen = pending.popleft(), seen + 1
            if isinstance(node, list):
                pending.extend(node)
            elif isinstance(node, dict):
                if _types(node) & _ARTICLES:
                    yield node
                pending.extend(node[name] for name in ("@graph", "mainEntity") if name in node)


def _blocks(page: str) -> Iterator[str]:
    lowered = page.lower()
    at = 0
    for _ in range(_MOST_BLOCKS):
        at = lowered.find("application/ld+json", at)
        if at < 0:
            return
        opening = lowered.rfind(_OPENING, max(0, at - _LONGEST_TAG), at)
        start = lowered.find(">", at) + 1
        end = lowered.find(_CLOSING, at)
        if end < 0:
            return
        if opening >= 0 and 0 < start <= end:
            block = page[start:end].strip()
            yield block.removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
        at = end


def _own_article(articles: list[dict[str, Any]], url: str | None) -> dict[str, Any] | None:
    if len(articles) > 1 and url:
        here = [one for one in articles if _plain_url(url) in map(_plain_url, _addresses(one))]
        articles = here or articles
    if len(articles) > 1:
        # The same article may be stated twice, briefly and in full.
        headlines = {_text(one.get("headline")) for one in articles}
        if len(headlines) > 1:
            return None
    return max(articles, key=len, default=None)


def _addresses(article: dict[str, Any]) -> Iterator[str]:
    page = article.get("mainEntityOfPage")
    for value in (article.get("url"), article.get("@id"), page):
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value


def _plain_url(url: str) -> str:
    return (
        url.partition("#")[0]
        .partition("?")[0]
        .rstrip("/")
        .removeprefix("https:")
        .removeprefix("http:")
    )


def _types(node: dict[str, Any]) -> set[str]:
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), "")
    return html.unescape(value).strip() if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """A name given outright or as the name of a Person, Organization or Language."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("alternateName")
    return _text(value)


def _persons(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    names = (
        _name(one)
        for one in given
        if not isinstance(one, dict) or not _types(one) & {"Organization", "NewsMediaOrganization"}
    )
    return [name for name in dict.fromkeys(names) if name and not name.startswith("http")]


def _moment(value: Any) -> str:
    """A date that can be read and has come; the page loses nothing by another."""
    text = _text(value)
    try:
        moment, _ = parse_moment(text)
        return text if datetime(1990, 1, 1, tzinfo=UTC) < moment <= datetime.now(UTC) else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _correction(value: Any) -> str:
    """The publisher's notes of correction, word for word; an address where only that is given."""
    notes = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            one = next((one[k] for k in ("text", "description", "name", "url") if one.get(k)), None)
        notes.append(_text(one))
    return "\n".join(filter(None, notes))


def _usage(article: dict[str, Any]) -> str:
    lines = [_text(article.get("copyrightNotice"))]
    for name in ("usageInfo", "license", "isBasedOn"):
        value = article.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                one = one.get("text") or one.get("url") or one.get("@id") or one.get("name")
            if text := _text(one):
                lines.append(f"{name}: {text}")
    if str(article.get("isAccessibleForFree")).lower() in ("false", "no", "0"):
        lines.append("isAccessibleForFree: false")
    return "\n".join(filter(None, lines))
