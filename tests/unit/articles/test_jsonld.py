"""schema.org NewsArticle inside pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.articles.jsonld import jsonld_fields
from tests.unit.articles.reading import BODY, one, write

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Marlow council votes for a new bridge",
    "datePublished": "2026-05-03T08:45:00+03:00",
    "dateModified": "2026-05-04T09:00:00+03:00",
    "author": [{"@type": "Person", "name": "Ada Finch"}, {"@type": "Person", "name": "Jo Ode"}],
    "publisher": {"@type": "NewsMediaOrganization", "name": "The Teal Courier"},
    "inLanguage": "en-GB",
    "isAccessibleForFree": "False",
    "copyrightNotice": "© 2026 The Teal Courier",
    "usageInfo": "https://courier.example/terms",
    "isBasedOn": {"@type": "NewsArticle", "url": "https://harborwire.example/1"},
    "correction": {
        "@type": "CorrectionComment",
        "text": "An earlier version gave the cost as 14 million.",
        "datePublished": "2026-05-04",
    },
}


def page(*blocks: object, body: str = f"<p>{BODY}</p><p>{BODY} Twice as long.</p>") -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{one if isinstance(one, str) else json.dumps(one)}'
        "</script>"
        for one in blocks
    )
    return (
        f'<html lang="en"><head><title>Vote | Courier</title>{scripts}'
        '<link rel="canonical" href="https://courier.example/vote"></head>'
        f"<body><article>{body}</article></body></html>"
    )


def test_a_page_is_what_its_json_ld_says(tmp_path: Path) -> None:
    item = one(write(tmp_path / "a.html", page(ARTICLE)))
    assert item.title == "Marlow council votes for a new bridge"
    assert item.published_at == datetime(2026, 5, 3, 5, 45, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 5, 4, 6, tzinfo=UTC)
    assert item.authors == ("Ada Finch", "Jo Ode")
    assert (item.publisher, item.language) == ("The Teal Courier", "en")
    assert item.correction == "An earlier version gave the cost as 14 million."
    assert item.usage_terms == (
        "© 2026 The Teal Courier\nusageInfo: https://courier.example/terms\n"
        "isBasedOn: https://harborwire.example/1\nisAccessibleForFree: false"
    )
    assert item.text.startswith(BODY)


def test_the_body_stands_in_json_ld_only(tmp_path: Path) -> None:
    item = one(write(tmp_path / "a.html", page(ARTICLE | {"articleBody": BODY}, body="")))
    assert item.text == BODY


@pytest.mark.parametrize(
    "wrapped",
    [
        [ARTICLE],
        {"@graph": [{"@type": "WebSite", "name": "Courier"}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        ARTICLE | {"@type": ["Article", "https://schema.org/ReportageNewsArticle"]},
        "<!--" + json.dumps(ARTICLE) + "-->",
        json.dumps(ARTICLE) + ";",
    ],
)
def test_where_the_article_may_stand(wrapped: object) -> None:
    assert jsonld_fields(page(wrapped))["title"] == ARTICLE["headline"]


def test_of_several_articles_the_one_of_the_page() -> None:
    here = ARTICLE | {"mainEntityOfPage": {"@id": "https://courier.example/vote/?a=1"}}
    other = ARTICLE | {"headline": "Another", "url": "https://courier.example/other"}
    url = "https://courier.example/vote"
    assert jsonld_fields(page(other, here), url=url)["title"] == ARTICLE["headline"]
    assert jsonld_fields(page(other, here)) == {}
    teasers = {"@type": "ItemList", "itemListElement": [other]}
    assert jsonld_fields(page(teasers)) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("datePublished", "soon"),
        ("datePublished", "2999-01-01"),
        ("datePublished", "0001-01-01"),
        ("datePublished", 7),
        ("headline", {"a": 1}),
        ("author", [[["x"]], 7, None]),
        ("publisher", ["x", 1]),
        ("correction", [None, 7, {"text": 3}]),
        ("isBasedOn", [1, {"url": []}]),
        ("@type", 7),
    ],
)
def test_what_is_malformed_costs_nothing(tmp_path: Path, name: str, value: object) -> None:
    item = one(write(tmp_path / "a.html", page(ARTICLE | {name: value})))
    assert item.text.startswith(BODY)


def test_blocks_that_are_no_json(tmp_path: Path) -> None:
    for block in ("{", "[" * 5_000, '{"@type": "NewsArticle", "headline": "a\nb"}', ""):
        assert one(write(tmp_path / "a.html", page(block))).text.startswith(BODY)
    assert jsonld_fields('<script type="application/ld+json">' * 5_000) == {}
