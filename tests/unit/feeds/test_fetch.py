"""Fetching from a server that misbehaves in every way it can."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from assistant.feeds import fetch
from assistant.feeds.addresses import AddressPolicy
from assistant.feeds.errors import FetchError
from assistant.feeds.fetch import Fetcher
from assistant.feeds.hosts import Hosts
from assistant.feeds.responses import Fetched
from assistant.settings import Settings
from tests.unit.feeds.server import BadServer, Reply

Get = Callable[..., Fetched]


@pytest.fixture
def get(quick: Settings, policy: AddressPolicy, monkeypatch: pytest.MonkeyPatch) -> Get:
    monkeypatch.setattr(fetch, "_BACKOFF_S", 0.01)
    hosts = Hosts()

    def one(url: str, settings: Settings = quick, **options: object) -> Fetched:
        async def ask() -> Fetched:
            async with Fetcher(settings, policy, hosts) as fetcher:
                return await fetcher.get(url, **options)

        return asyncio.run(ask())

    return one


def refusal(get: Get, url: str, **options: object) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value


def test_a_good_answer(get: Get, server: BadServer) -> None:
    url = server.page("/a", Reply(b"hello", headers={"ETag": '"1"', "Last-Modified": "then"}))
    fetched = get(url)
    assert (fetched.body, fetched.content_type, fetched.charset) == (b"hello", "text/html", "utf-8")
    assert (fetched.etag, fetched.modified) == ('"1"', "then")
    assert server.heads[0]["User-Agent"].startswith("news-assistant/")


def test_unchanged_since_the_last_time(get: Get, server: BadServer) -> None:
    def reply(head: Mapping[str, str]) -> Reply:
        same = head.get("If-None-Match") == '"1"' and head.get("If-Modified-Since") == "then"
        return Reply(status=304) if same else Reply(b"new")

    url = server.page("/a", reply)
    assert get(url, etag='"1"', modified="then").unchanged
    assert get(url).body == b"new"


@pytest.mark.parametrize(
    ("slow", "words"),
    [
        (Reply(b"late", before_s=5), "took longer"),
        (Reply(chunks=itertools.repeat(b"x"), pause_s=0.1), "took longer"),
        (Reply(chunks=itertools.repeat(b"x" * 50_000)), "Larger than 200,000 bytes"),
        (Reply(b"x" * 300_000), "Larger than 200,000 bytes"),
    ],
    ids=["no headers", "drips for ever", "endless", "large"],
)
def test_slow_and_endless_answers_are_cut_off(
    get: Get, server: BadServer, slow: Reply, words: str
) -> None:
    url = server.page("/a", slow)
    started = time.monotonic()
    assert words in refusal(get, url).reason
    assert time.monotonic() - started < 2
    assert server.asked == ["/a"]  # not tried again in the same round


def test_headers_that_drip_do_not_outlast_the_limit(get: Get, server: BadServer) -> None:
    """Each byte comes in time, the whole never would."""
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        try:
            for byte in itertools.chain(b"HTTP/1.1 200 OK\r\n", itertools.repeat(ord("X"))):
                connection.send(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            connection.close()

    threading.Thread(target=drip, daemon=True).start()
    policy = AddressPolicy(allow_private=True)
    settings = Settings(fetch_delay_s=0, fetch_timeout_s=0.4)

    async def ask() -> Fetched:
        async with Fetcher(settings, policy) as fetcher:
            return await fetcher.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")

    started = time.monotonic()
    with pytest.raises(FetchError, match="took longer"):
        asyncio.run(ask())
    assert time.monotonic() - started < 2
    listener.close()


def test_gzip_is_unpacked_and_a_bomb_is_not(get: Get, server: BadServer) -> None:
    packed = {"Content-Encoding": "gzip"}
    good = server.page("/good", Reply(gzip.compress(b"a") + gzip.compress(b"b"), headers=packed))
    assert get(good).body == b"ab"
    bomb = server.page("/bomb", Reply(gzip.compress(b"0" * 20_000_000), headers=packed))
    assert "Larger than" in refusal(get, bomb).reason
    short = server.page("/short", Reply(gzip.compress(b"abc" * 999)[:-9], headers=packed))
    assert "breaks off" in refusal(get, short).reason
    none = server.page("/none", Reply(b"not gzip", headers=packed))
    assert "damaged" in refusal(get, none).reason
    other = server.page("/br", Reply(b"x", headers={"Content-Encoding": "br"}))
    assert "packs its answer as br" in refusal(get, other).reason


@pytest.mark.parametrize(("status", "final"), [(404, False), (403, False), (410, True)])
def test_refusals_are_not_repeated(get: Get, server: BadServer, status: int, final: bool) -> None:
    error = refusal(get, server.page("/a", Reply(status=status)))
    assert (error.status, error.final) == (status, final)
    assert str(status) in error.reason
    assert len(server.asked) == 1


def test_passing_faults_are_tried_again(get: Get, server: BadServer) -> None:
    replies = iter([Reply(status=500), Reply(status=503), Reply(b"at last")])
    assert get(server.page("/a", lambda _: next(replies))).body == b"at last"
    assert "500" in refusal(get, server.page("/b", Reply(status=500))).reason
    assert server.asked.count("/b") == 3


def test_retry_after_is_waited_for_or_remembered(get: Get, server: BadServer) -> None:
    replies = iter([Reply(status=429, headers={"Retry-After": "1"}), Reply(b"patience")])
    started = time.monotonic()
    assert get(server.page("/a", lambda _: next(replies))).body == b"patience"
    assert time.monotonic() - started >= 1
    later = server.page("/b", Reply(status=429, headers={"Retry-After": "3600"}))
    assert refusal(get, later).retry_after_s == 3600
    again = refusal(get, f"{server.base}/elsewhere")
    assert "429" in again.reason
    assert 3590 < (again.retry_after_s or 0) <= 3600
    assert "/elsewhere" not in server.asked


def test_retry_after_may_be_a_date(get: Get, server: BadServer) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    dated = server.page("/c", Reply(status=503, headers={"Retry-After": then}))
    assert 7100 < (refusal(get, dated).retry_after_s or 0) <= 7200
    assert server.asked == ["/c"]


def test_a_host_that_does_not_answer_is_left_alone(get: Get, server: BadServer) -> None:
    for number in range(5):
        server.page(f"/{number}", Reply(before_s=9))
    reasons = [refusal(get, f"{server.base}/{number}").reason for number in range(5)]
    assert ["took longer" in reason for reason in reasons] == [True] * 3 + [False] * 2
    assert "not answered 3 times" in reasons[-1]
    assert server.asked == ["/0", "/1", "/2"]


def test_a_connection_that_breaks_is_tried_again(get: Get, server: BadServer) -> None:
    short = Reply(b"cut", headers={"Content-Length": "1000"}, chunks=iter([b"cut"]))
    replies = iter([short, Reply(b"whole")])
    assert get(server.page("/a", lambda _: next(replies))).body == b"whole"


def test_redirects_are_followed_a_few_times(get: Get, server: BadServer) -> None:
    server.page("/b/c", Reply(b"here"))
    start = server.page("/a", Reply(status=301, headers={"Location": "b/c"}))
    assert get(start).url == f"{server.base}/b/c"
    circle = server.page("/circle", Reply(status=302, headers={"Location": "/circle"}))
    assert "circle" in refusal(get, circle).reason
    assert server.asked.count("/circle") == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://2130706433:1/",
        "http://[::ffff:127.0.0.1]:1/", "http://169.254.169.254/latest/meta-data", "//10.0.0.1/",
        "file:///etc/passwd", "ftp://example.org/", "http://a:b@example.org/", "http://[::1",
    ],
)  # fmt: skip
def test_redirects_into_our_own_network_are_not_followed(
    get: Get, server: BadServer, target: str
) -> None:
    start = server.page("/a", Reply(status=302, headers={"Location": target}))
    error = refusal(get, start)
    assert "public internet" in error.reason or "address" in error.reason.lower()


def test_robots_txt_is_obeyed_where_asked_and_fetched_once(get: Get, server: BadServer) -> None:
    server.page("/robots.txt", Reply(b"User-agent: *\nDisallow: /closed\n", kind="text/plain"))
    open_page = server.page("/open", Reply(b"open"))
    closed = server.page("/closed", Reply(b"closed"))
    assert get(open_page, obey_robots=True).body == b"open"
    assert "robots.txt" in refusal(get, closed, obey_robots=True).reason
    around = server.page("/around", Reply(status=302, headers={"Location": "/closed"}))
    assert "robots.txt" in refusal(get, around, obey_robots=True).reason
    assert get(closed).body == b"closed"
    assert server.asked.count("/robots.txt") == 1
    assert server.asked.count("/closed") == 1


def test_a_failing_robots_txt_closes_and_a_missing_one_opens(
    get: Get, server: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = server.page("/a", Reply(b"page"))
    server.page("/robots.txt", Reply(status=500))
    error = refusal(get, page, obey_robots=True)
    assert "robots.txt cannot be had" in error.reason
    assert not error.final
    refusal(get, page, obey_robots=True)
    assert server.asked.count("/robots.txt") == 3  # the tries of the first time
    monkeypatch.setattr("assistant.feeds.hosts.time.monotonic", lambda: time.perf_counter() + 1e6)
    server.page("/robots.txt", Reply(status=404))
    assert get(page, obey_robots=True).body == b"page"


def test_a_host_is_asked_one_by_one_with_a_pause(server: BadServer, policy: AddressPolicy) -> None:
    server.page("/robots.txt", Reply(b"User-agent: news-assistant\nCrawl-delay: 0.3\n"))
    for number in range(3):
        server.page(f"/{number}", Reply(b"x"))
    settings = Settings(fetch_delay_s=0.05)

    async def ask() -> None:
        async with Fetcher(settings, policy) as fetcher:
            paths = [f"{server.base}/{number}" for number in range(3)]
            await asyncio.gather(*(fetcher.get(path, obey_robots=True) for path in paths))

    asyncio.run(ask())
    assert server.asked[0] == "/robots.txt"
    gaps = [later - earlier for earlier, later in itertools.pairwise(server.times)]
    assert gaps[0] >= 0.05
    assert all(gap >= 0.29 for gap in gaps[1:])


def test_no_more_requests_at_once_than_allowed(policy: AddressPolicy) -> None:
    running, most = 0, 0

    def reply(_: Mapping[str, str]) -> Reply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.05)
        running -= 1
        return Reply(b"x")

    servers = [BadServer() for _ in range(6)]
    urls = [one.page("/", reply) for one in servers]

    async def ask() -> None:
        settings = Settings(fetch_concurrency=2, fetch_delay_s=0)
        async with Fetcher(settings, AddressPolicy(allow_private=True)) as fetcher:
            await asyncio.gather(*map(fetcher.get, urls))

    asyncio.run(ask())
    for one in servers:
        one.close()
    assert 1 <= most <= 2


def test_tls_checks_the_name_and_not_only_the_address(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket goes to a checked address; the certificate must still be the named host's."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command, to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
         "-out", certificate, "-subj", "/CN=tls.example", "-addext",
         "subjectAltName=DNS:tls.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    server = BadServer(certificate, key)
    server.page("/", Reply(b"private words"))
    policy = AddressPolicy(resolve=resolve, exceptions={("127.0.0.1", server.port)})

    def ask(host: str) -> bytes:
        async def asking() -> bytes:
            async with Fetcher(quick, policy) as fetcher:
                return (await fetcher.get(f"https://{host}:{server.port}/")).body

        return asyncio.run(asking())

    assert ask("tls.example") == b"private words"
    with pytest.raises(FetchError, match="certificate"):
        ask("other.example")
    server.close()
