"""What page and feed say of an article, and what neither may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assistant.feeds.entries import Entry
from assistant.feeds.items import ItemError, article_from_content, article_from_page
from assistant.feeds.responses import Fetched
from assistant.types import Article
from tests.unit.feeds.samples import PARAGRAPHS, page

URL = "http://www.gazette.example/2024/bridge"
FEED = "http://gazette.example/feed.xml"
WHOLE = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
NOON = datetime(2024, 5, 14, 12, tzinfo=UTC)


def made(body: bytes, url: str = URL, **said: object) -> Article:
    entry = Entry(**({"url": url} | said))  # type: ignore[arg-type]
    return article_from_page(Fetched(url, body, "text/html", "utf-8"), entry, FEED)


def test_the_feed_fills_in_what_the_page_does_not_say() -> None:
    article = made(
        page(), source_id="g1", published_at=NOON, updated_at=NOON + timedelta(hours=2),
        authors=("Ada Finch",), publisher="Marlow Gazette", language="en-GB",
    )  # fmt: skip
    assert article.published_at == NOON
    assert not article.date_only
    assert article.updated_at == NOON + timedelta(hours=2)
    assert article.authors == ("Ada Finch",)
    assert (article.publisher, article.language) == ("Marlow Gazette", "en")
    assert article.source_id == "gazette.example#g1"  # a feed's names count on its own host only


def test_the_page_speaks_first() -> None:
    body = page("Page title", site="The Marlow Gazette", date="2024-03-01")
    article = made(body, title="Feed title", publisher="Gazette: all news", published_at=NOON)
    assert article.title == "Page title"
    assert article.published_at == datetime(2024, 3, 1, tzinfo=UTC)
    assert article.publisher != "Gazette: all news"


def test_the_feed_gives_the_time_of_the_pages_day() -> None:
    for day in ("2024-05-14", "2024-05-13", "2024-05-15"):
        assert made(page(date=day), published_at=NOON).published_at == NOON


@pytest.mark.parametrize("wrong", [datetime(2999, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
def test_a_wrong_clock_costs_the_date_and_not_the_item(wrong: datetime) -> None:
    assert made(page(), published_at=wrong).published_at is None


@pytest.mark.parametrize(
    ("fetched_from", "canonical", "known_by"),
    [
        (URL, "", URL),
        (URL, "http://www.gazette.example/the-bridge", "http://www.gazette.example/the-bridge"),
        (URL, "https://gazette.example/the-bridge#top", "https://gazette.example/the-bridge"),
        ("http://amp.gazette.example/b", URL, URL),
        (URL, "http://other.example/famous", URL),
        (URL, "http://gazette.example.evil.example/a", URL),
        (URL, "http://www.gazette.example/", URL),
        (URL, "javascript:alert(1)", URL),
        (f"{URL}?id=7&utm_source=rss&fbclid=x#c", "", f"{URL}?id=7"),
    ],
)
def test_what_an_article_is_known_by(fetched_from: str, canonical: str, known_by: str) -> None:
    assert made(page(canonical=canonical), fetched_from).url == known_by


@pytest.mark.parametrize(
    ("page_url", "body", "kind", "words"),
    [
        (URL, b"%PDF", "application/pdf", "application/pdf"),
        (URL, b"", "text/html", "empty"),
        (URL, b"<html><body><div></div>", "text/html", "No article text"),
        (URL, b"\x00\x01\x02", "text/html", "binary"),
        (URL, b"<p>" * 2_000_000, "text/html", "no article"),
        ("http://www.gazette.example/", page(), "text/html", "front page"),
    ],
    ids=["pdf", "empty", "no text", "binary", "huge", "front page"],
)
def test_pages_without_an_article(page_url: str, body: bytes, kind: str, words: str) -> None:
    with pytest.raises(ItemError, match=words):
        article_from_page(Fetched(page_url, body, kind), Entry(URL), FEED)


def test_a_feeds_whole_content_is_an_article() -> None:
    article = article_from_content(Entry(URL, "A bridge", content=WHOLE, published_at=NOON), FEED)
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert (article.title, article.published_at, article.url) == ("A bridge", NOON, URL)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<p>Short.</p>",
        f"{WHOLE}<p>And the mayor …</p>",
        f"{WHOLE}<p>And the mayor [...]</p>",
        f"{WHOLE}<p>Read more</p>",
        f"{WHOLE}<p>Continue reading at the Gazette</p>",
    ],
)
def test_a_summary_is_no_article(content: str) -> None:
    with pytest.raises(ItemError, match="whole article"):
        article_from_content(Entry(URL, content=content), FEED)
