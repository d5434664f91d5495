"""What servers answer, and what it means.

In: status, headers, body. Out: a Fetched, the next hop, or FetchError in words. Refuses to know:
connections, retries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from assistant.feeds.addresses import checked_url
from assistant.feeds.errors import FetchError

OK, NOT_MODIFIED, GONE, TOO_MANY = 200, 304, 410, 429
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (TOO_MANY, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave for a URL. `body` is empty where it is `unchanged` since the last time.

    `url` is where it came from in the end, after redirects; `etag` and `modified` are to be given
    back at the next request.
    """

    url: str
    body: bytes
    content_type: str = ""
    charset: str | None = None
    etag: str | None = None
    modified: str | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """A server's answer to one request; `body` is empty but for status 200."""

    status: int
    headers: httpx.Headers
    body: bytes


def fetched(url: httpx.URL, response: Response) -> Fetched:
    headers = response.headers
    etag, modified = headers.get("etag"), headers.get("last-modified")
    if response.status == NOT_MODIFIED:
        return Fetched(str(url), b"", etag=etag, modified=modified, unchanged=True)
    if response.status != OK:
        raise refused(response.status)
    described = httpx.Response(OK, headers={"content-type": headers.get("content-type", "")})
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(str(url), response.body, kind, described.charset_encoding, etag, modified)


def refused(status: int, *, retry_after_s: float | None = None) -> FetchError:
    if status == GONE:
        return FetchError(
            "The server says that it is gone for good (410).", final=True, status=GONE
        )
    return FetchError(f"The server answers {status}.", status=status, retry_after_s=retry_after_s)


def next_hop(here: httpx.URL, response: Response) -> httpx.URL:
    try:
        target = here.join(response.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"It redirects to what is no address: {error}.") from error
    return checked_url(str(target))


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait, given as a number or as a date; None where it says nothing usable."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
