"""What makes two arrivals the same article, and which of two is the newer.

In: articles. Out: names to be known by, and an order in time. Refuses to know: storage.
"""

from __future__ import annotations

from datetime import date, datetime, time
from urllib.parse import urlsplit

from assistant.types import Article


def url_name(url: str) -> str:
    """The url as a name: one for http and https, tracking parameters and fragment left out.

    What is no web address (a file, a wire's urn) is its own name.
    """
    from courlan import normalize_url

    if not url.lower().startswith(("http://", "https://")):
        return url
    try:
        parts = urlsplit(normalize_url(url, strict=False))
    except ValueError:
        return url
    query = f"?{parts.query}" if parts.query else ""
    # "#!/story" and "#/story" name the page in some single-page sites; other fragments a place.
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    host = parts.netloc.lower().removeprefix("www.")
    return f"web:{host}{parts.path.rstrip('/')}{query}{fragment}"


def names(article: Article) -> list[str]:
    """All names of an article, its url's first.

    A source id that is no URI ("4711") may be in use at two publishers, so the publisher's name
    is part of it.
    """
    known = [url_name(article.url)]
    if article.source_id:
        scope = "" if ":" in article.source_id else publisher_key(article.publisher)
        known.append(f"source:{scope}:{article.source_id}")
    return known


def publisher_key(publisher: str | None) -> str:
    """What publishers are compared by: case folded, white space squeezed."""
    return " ".join((publisher or "").casefold().split())


def is_older(arriving: Article, stored: Article) -> bool:
    """Whether `arriving` is an earlier state of the article than `stored`.

    By `updated_at`, or `published_at` where there is none; by the wire's own version number where
    the moments do not tell. False where nothing tells: then the later arrival is the newer.
    """
    mine, other = _moment(arriving), _moment(stored)
    if mine is not None and other is not None:
        if _is_day(arriving, mine) or _is_day(stored, other):
            order: tuple[date, date] = (mine.date(), other.date())
        else:
            order = (mine, other)
        if order[0] != order[1]:
            return order[0] < order[1]
    if arriving.source_id and stored.source_id:
        return arriving.version < stored.version
    return False


def _moment(article: Article) -> datetime | None:
    return article.updated_at or article.published_at


def _is_day(article: Article, moment: datetime) -> bool:
    return article.date_only and moment.time() == time(0)
