"""Fetch feeds and pages: politely, within limits, from public addresses.

In: a URL, what is known of it from the last time. Out: a Fetched, or FetchError with the reason.
Refuses to know: feeds, articles, what is done with the bytes.

Every hop of a redirect is checked anew. One request at a time goes to a host, with a pause between
two; a page that robots.txt closes to us is not asked for. Passing faults (a lost connection, 429,
5xx) are tried again, a slow server is not: its turn comes with the next round.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType

import httpcore
import httpx

from assistant.feeds.addresses import AddressPolicy, CheckedBackend, checked_url
from assistant.feeds.bodies import BoundedBody
from assistant.feeds.errors import FetchError
from assistant.feeds.hosts import Hosts
from assistant.feeds.responses import (
    OK,
    PASSING,
    REDIRECTS,
    TOO_MANY,
    Fetched,
    Response,
    fetched,
    next_hop,
    refused,
    retry_after,
)
from assistant.feeds.robots import LARGEST_ROBOTS_BYTES, Robots
from assistant.settings import Settings

_MOST_REDIRECTS = 5
_TRIES = 3
_BACKOFF_S = 0.5
# A server that asks for more than this is asked again in a later round.
_LONGEST_WAIT_S = 10.0
_CONNECT_TIMEOUT_S = 10.0
FEED_TYPES = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "*/*;q=0.8"
)
PAGE_TYPES = "text/html, application/xhtml+xml, */*;q=0.5"


class Fetcher:
    """One session of fetching; an asynchronous context manager."""

    def __init__(
        self, settings: Settings, policy: AddressPolicy | None = None, hosts: Hosts | None = None
    ) -> None:
        self._settings = settings
        policy = policy or AddressPolicy(allow_private=settings.allow_private_addresses)
        self._hosts = hosts or Hosts()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=settings.fetch_concurrency,
            network_backend=CheckedBackend(policy),
        )
        self._slots = asyncio.Semaphore(settings.fetch_concurrency)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __aenter__(self) -> Fetcher:
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._pool.__aexit__(kind, error, trace)

    async def get(
        self,
        url: str,
        *,
        accept: str = FEED_TYPES,
        etag: str | None = None,
        modified: str | None = None,
        obey_robots: bool = False,
    ) -> Fetched:
        """What is at the URL, or `unchanged` where that is what `etag` and `modified` say.

        Raises FetchError for everything that keeps it from being had.
        """
        headers = {"Accept": accept}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        here = checked_url(url)
        for _ in range(_MOST_REDIRECTS + 1):
            robots = await self._robots(here) if obey_robots else Robots()
            if not robots.allows(str(here)):
                raise FetchError("The site's robots.txt closes this address to us.")
            response = await self._with_retries(
                here, headers, robots.delay_s(), self._settings.fetch_max_bytes
            )
            if response.status not in REDIRECTS:
                return fetched(here, response)
            here = next_hop(here, response)
        raise FetchError(f"More than {_MOST_REDIRECTS} redirects, or a circle of them.")

    async def _robots(self, url: httpx.URL) -> Robots:
        """The rules of the URL's site, fetched at most once a day."""
        site = str(url.copy_with(raw_path=b"/", fragment=None))
        async with self._turns[f"robots of {site}"]:
            known = self._hosts.robots(site)
            if known is not None:
                return known
            try:
                found = await self._fetch_robots(url.copy_with(raw_path=b"/robots.txt"))
            except FetchError as error:
                self._hosts.keep_robots(site, error)
                raise
            self._hosts.keep_robots(site, found)
        return found

    async def _fetch_robots(self, here: httpx.URL) -> Robots:
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                response = await self._with_retries(here, {}, 0.0, LARGEST_ROBOTS_BYTES)
            except FetchError as error:
                if error.final:
                    raise
                raise FetchError(
                    f"The site's robots.txt cannot be had: {error.reason}",
                    retry_after_s=error.retry_after_s,
                ) from error
            if response.status in REDIRECTS:
                here = next_hop(here, response)
                continue
            return Robots.parse(response.body) if response.status == OK else Robots()
        return Robots()

    async def _with_retries(
        self, url: httpx.URL, headers: Mapping[str, str], delay_s: float, max_bytes: int
    ) -> Response:
        """The server's answer, once it is neither a passing fault nor a lost connection."""
        host = url.netloc.decode("ascii")
        attempt = 0
        while True:
            attempt += 1
            wait_s = _BACKOFF_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
            try:
                response = await self._in_turn(url, headers, delay_s, max_bytes)
            except (httpcore.TimeoutException, TimeoutError) as error:
                self._hosts.did_not_answer(host)
                limit = f"{self._settings.fetch_timeout_s:g} s"
                raise FetchError(f"The server took longer than {limit}.") from error
            except (
                httpcore.NetworkError,
                httpcore.ProtocolError,
                httpcore.ConnectionNotAvailable,
            ) as error:
                problem = FetchError(f"The connection failed: {error or type(error).__name__}.")
                problem.__cause__ = error
                if attempt == _TRIES:
                    self._hosts.did_not_answer(host)
            else:
                self._hosts.answered(host)
                if response.status not in PASSING:
                    return response
                asked_s = retry_after(response.headers)
                wait_s = max(wait_s, asked_s or 0.0)
                problem = refused(response.status, retry_after_s=asked_s)
            if attempt == _TRIES or wait_s > _LONGEST_WAIT_S:
                if problem.status == TOO_MANY and problem.retry_after_s:
                    # It means us, whatever we ask for.
                    self._hosts.rest(host, problem.retry_after_s, problem.reason)
                raise problem
            await asyncio.sleep(wait_s)

    async def _in_turn(
        self, url: httpx.URL, headers: Mapping[str, str], delay_s: float, max_bytes: int
    ) -> Response:
        """One request when it is the host's turn, and its pause is over."""
        host = url.netloc.decode("ascii")
        async with self._turns[host]:
            await asyncio.sleep(self._hosts.pause_s(host))
            try:
                async with self._slots, asyncio.timeout(self._settings.fetch_timeout_s):
                    return await self._exchange(url, headers, max_bytes)
            finally:
                self._hosts.asked(host, max(self._settings.fetch_delay_s, delay_s))

    async def _exchange(
        self, url: httpx.URL, headers: Mapping[str, str], max_bytes: int
    ) -> Response:
        async with self._request(url, headers) as response:
            received = httpx.Headers(response.headers)
            body = BoundedBody("", max_bytes)
            if response.status == OK:
                body = BoundedBody(received.get("content-encoding", ""), max_bytes)
                async for chunk in response.aiter_stream():
                    body.add(chunk)
            return Response(response.status, received, body.whole())

    @asynccontextmanager
    async def _request(
        self, url: httpx.URL, headers: Mapping[str, str]
    ) -> AsyncIterator[httpcore.Response]:
        limit_s = self._settings.fetch_timeout_s
        timeouts = {"connect": min(_CONNECT_TIMEOUT_S, limit_s), "read": limit_s, "write": limit_s}
        own = (
            ("Host", url.netloc.decode("ascii")),
            ("User-Agent", self._settings.fetch_user_agent),
            ("Accept-Encoding", "gzip"),
            *headers.items(),
        )
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        async with self._pool.stream(
            "GET",
            target,
            headers=own,
            extensions={"timeout": timeouts},
        ) as response:
            yield response
