"""Following feeds from a real server into a real archive, through restarts and kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.errors import (
    ArchiveDamagedError,
    ArchiveLockedError,
    ArchiveNotFoundError,
    SourceError,
)
from assistant.feeds import fetch
from assistant.feeds.addresses import AddressPolicy
from assistant.feeds.follow import Follower
from assistant.feeds.rounds import Round
from assistant.settings import Settings
from tests.integration.conftest import HashEmbedding, open_archive
from tests.unit.feeds.samples import PARAGRAPHS, item, page, rss
from tests.unit.feeds.server import RSS, BadServer, Reply

WHOLE = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)


@pytest.fixture
def server() -> Iterator[BadServer]:
    running = BadServer()
    yield running
    running.close()


@pytest.fixture
def settings(place: Path) -> Settings:
    return Settings(
        archive=place, lock_timeout_s=0.2, fetch_delay_s=0, fetch_timeout_s=1, feed_attempts=2
    )


Rounds = Callable[..., Round]


@pytest.fixture
def follow_once(settings: Settings, server: BadServer, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """One round in a Follower of its own, as after a restart; `later_s` turns the clock on."""
    monkeypatch.setattr(fetch, "_BACKOFF_S", 0.01)
    clock = time.time
    policy = AddressPolicy(exceptions={("127.0.0.1", server.port)})

    def once(*feeds: str, later_s: float = 0, **changed: object) -> Round:
        monkeypatch.setattr("assistant.feeds.follow.time.time", lambda: clock() + later_s)
        chosen = settings.model_copy(update=changed)
        with Follower(feeds, chosen, policy=policy, embedder=HashEmbedding()) as follower:
            return follower.round()

    return once


def feed(server: BadServer, *items: str, path: str = "/feed", **options: str) -> str:
    return server.page(path, Reply(rss(*items, **options), kind=RSS))


def test_items_become_articles_with_what_page_and_feed_say(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    link = server.page("/a?id=1&utm_source=rss", Reply(page()))
    done = follow_once(feed(server, item(link, guid="g1")))
    assert (done.new, done.rejected) == (1, [])
    with open_archive(place) as archive:
        found = archive.article(f"{server.base}/a?id=1")
        assert found
        assert found.title == "Marlow votes for a new bridge"
        assert found.publisher == "Marlow Gazette"
        assert found.published_at
        assert found.published_at.isoformat() == "2024-05-14T10:30:00+00:00"
        assert found.language == "en"
        assert all(paragraph in found.text for paragraph in PARAGRAPHS)


def test_a_second_round_asks_only_whether_something_changed(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    link = server.page("/a", Reply(page()))
    body = rss(item(link, guid="g1"))

    def conditional(head: Mapping[str, str]) -> Reply:
        same = head.get("If-None-Match") == '"v1"'
        return Reply(status=304) if same else Reply(body, headers={"ETag": '"v1"'}, kind=RSS)

    url = server.page("/feed", conditional)
    assert follow_once(url).new == 1
    again = follow_once(url)
    assert (again.new, again.unchanged, again.feeds_unchanged) == (0, 0, 1)
    assert server.asked.count("/a") == 1


def test_what_rolls_off_the_feed_stays_in_the_archive(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    first = server.page("/a", Reply(page("First")))
    second = server.page("/b", Reply(page("Second", extra="Another report altogether, of bees.")))
    follow_once(feed(server, item(first)))
    server.routes["/a"] = Reply(status=410)
    assert follow_once(feed(server, item(second)), later_s=90_000).new == 1
    assert follow_once(feed(server), later_s=100 * 86_400).new == 0
    with open_archive(place) as archive:
        assert archive.article(first)
        assert archive.article(second)


def test_a_changed_item_becomes_a_new_version(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    link = server.page("/a", Reply(page()))
    url = feed(server, item(link, guid="g1"))
    follow_once(url)
    server.page("/a", Reply(page(extra="Correction: the vote was ten to three, not nine to four.")))
    assert follow_once(url).updated == 0  # neither the feed nor the clock gives a reason to look
    feed(server, item(link, guid="g1", date="Tue, 14 May 2024 16:00:00 GMT"))
    assert follow_once(url).updated == 1
    server.page("/a", Reply(page(extra="Correction: the vote was eight to five.")))
    assert follow_once(url, later_s=90_000).updated == 1
    assert follow_once(url, later_s=180_001).unchanged == 1
    with open_archive(place) as archive:
        found = archive.article(link)
        assert found
        assert found.version == 3
        assert "eight to five" in found.text


def test_pages_that_cannot_be_had_are_listed_and_tried_again_a_few_times(
    server: BadServer, follow_once: Rounds
) -> None:
    link = server.page("/a", Reply(status=403))
    url = feed(server, item(link))
    first = follow_once(url)
    assert first.rejected[0].source == link
    assert "403" in first.rejected[0].reason
    assert "1 more time" in first.rejected[0].reason
    assert follow_once(url).rejected == []  # not before a quarter of an hour
    second = follow_once(url, later_s=1_000)
    assert "Not tried again" in second.rejected[0].reason
    assert follow_once(url, later_s=100_000).rejected == []
    assert server.asked.count("/a") == 2
    # A changed date is a reason to look once more.
    server.page("/a", Reply(page()))
    feed(server, item(link, date="Wed, 15 May 2024 10:30:00 GMT"))
    assert follow_once(url, later_s=100_001).new == 1


@pytest.mark.parametrize("closed", ["/robots.txt", "403", "empty", "pdf"])
def test_the_feeds_own_content_is_taken_where_the_page_cannot_be_had(
    server: BadServer, follow_once: Rounds, place: Path, closed: str
) -> None:
    replies = {
        "/robots.txt": Reply(page()),
        "403": Reply(status=403),
        "empty": Reply(b"<html><body><div id=app></div></body></html>"),
        "pdf": Reply(b"%PDF-1.7", kind="application/pdf"),
    }
    link = server.page("/a", replies[closed])
    if closed == "/robots.txt":
        server.page("/robots.txt", Reply(b"User-agent: *\nDisallow: /a\n", kind="text/plain"))
    short = server.page("/b", replies[closed])
    url = feed(server, item(link, content=WHOLE), item(short, content=WHOLE[:300]),
               item("", guid="only-here", title="No page",
                    content=WHOLE.replace("Marlow", "Arle")))  # fmt: skip
    done = follow_once(url)
    assert done.new == 2 if closed != "/robots.txt" else done.new == 3
    with open_archive(place) as archive:
        found = archive.article(link)
        assert found
        assert all(text in found.text for text in PARAGRAPHS)
        assert archive.article(f"{url}#only-here")
    if closed != "/robots.txt":
        assert "does not carry the whole article" in done.rejected[0].reason


def test_a_feed_cannot_put_its_words_into_an_article_from_elsewhere(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    link = server.page("/a", Reply(page()))
    follow_once(feed(server, item(link)))
    server.page("/a", Reply(status=403))
    forged = WHOLE.replace("12 million", "99 million")
    other = feed(server, item(link, content=forged, title="Forged"), path="/other")
    follow_once(other)
    feed(server, item(link, content=forged, title="Forged", date="Fri, 17 May 2024 10:00:00 GMT"),
         path="/other")  # fmt: skip
    done = follow_once(other)
    assert "from elsewhere" in done.rejected[0].reason
    with open_archive(place) as archive:
        found = archive.article(link)
        assert found
        assert "12 million" in found.text


def test_a_page_cannot_claim_another_sites_address(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    claims = [
        ("/a", "http://gazette.example/famous", "/a"),
        ("/b", f"{server.base}/canonical", "/canonical"),
        ("/c", f"{server.base}/", "/c"),
        ("/d", "http://[::1", "/d"),
    ]
    words = ("bees", "tolls", "eels", "ferries")
    links = [
        server.page(path, Reply(page(extra=f"And {word}." * 30, canonical=claimed)))
        for (path, claimed, _), word in zip(claims, words, strict=True)
    ]
    assert follow_once(feed(server, *map(item, links))).new == 4
    with open_archive(place) as archive:
        for _, _, known_by in claims:
            assert archive.article(server.base + known_by)
        assert archive.article("http://gazette.example/famous") is None


def test_duplicate_guids_and_links_are_taken_once_each(
    server: BadServer, follow_once: Rounds
) -> None:
    a, b = (server.page(f"/{name}", Reply(page(f"On {name}"))) for name in "ab")
    first = feed(server, item(a, guid="same"), item(b, guid="same"), item(a, guid="other"))
    second = feed(server, item(a, guid="third"), path="/second")
    done = follow_once(first, second)
    assert (done.new, done.rejected) == (2, [])
    assert server.asked.count("/a") == server.asked.count("/b") == 1
    # A feed that joins later brings nothing that is known.
    third = feed(server, item(a, guid="fourth"), path="/third")
    assert follow_once(third).new == 0
    assert server.asked.count("/a") == 1


def test_an_opml_list_is_followed(
    server: BadServer, place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("NEWS_ASSISTANT_ALLOW_PRIVATE_ADDRESSES", "1")
    monkeypatch.setenv("NEWS_ASSISTANT_FETCH_DELAY_S", "0")
    url = feed(server, item(server.page("/a", Reply(page()))))
    outlines = "".join(f'<outline xmlUrl="{one}"/>' for one in (url, "ftp://example.org/", url))
    (tmp_path / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    arguments = ["follow", "--opml", str(tmp_path / "list.opml"), "--once", "--json"]
    assert main([*arguments, "--archive", str(place)]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["new"] == 1
    assert "ftp://example.org/" in captured.err


def test_one_bad_feed_does_not_stop_the_others(server: BadServer, follow_once: Rounds) -> None:
    link = server.page("/a", Reply(page()))
    good = feed(server, item(link))
    endless = iter(lambda: b"<item>" * 10_000, None)
    bad = {
        "/none": (Reply(status=404), "404"),
        "/gone": (Reply(status=410), "gone for good"),
        "/page": (Reply(page()), "not a feed"),
        "/slow": (Reply(b"", before_s=9), "took longer"),
        "/endless": (Reply(chunks=endless), "Larger than"),
        "/busy": (Reply(status=429, headers={"Retry-After": "7200"}), "429"),
        "/inside": (Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}), "public"),
        "/nowhere": (Reply(rss("<item><title>No link</title></item>"), kind=RSS), "no link"),
    }
    urls = [server.page(path, reply) for path, (reply, _) in bad.items()]
    busy = f"http://localhost:{server.port}/busy"  # another host as far as Retry-After goes
    urls = [busy if url.endswith("/busy") else url for url in urls]
    done = follow_once(good, *urls, fetch_max_bytes=100_000)
    assert done.new == 1
    said = {rejection.source: rejection.reason for rejection in done.rejected}
    for url, (_, words) in zip(urls, bad.values(), strict=True):
        assert words in said[url]
    # What a server asked for is kept over a restart, and so is the reason.
    before = server.asked.count("/busy")
    again = follow_once(good, busy, later_s=7000)
    assert "429" in again.rejected[0].reason
    assert server.asked.count("/busy") == before
    follow_once(good, busy, later_s=7300)
    assert server.asked.count("/busy") == before + 1


def test_a_sitemap_index_leads_to_its_parts(server: BadServer, follow_once: Rounds) -> None:
    link = server.page("/a", Reply(page()))
    server.page("/robots.txt", Reply(b"User-agent: *\nDisallow: /closed\n"))
    server.page("/part.xml", Reply(f"<urlset><url><loc>{link}</loc></url></urlset>".encode()))
    index = server.page("/index.xml", Reply(
        b"<sitemapindex><sitemap><loc>/part.xml</loc></sitemap>"
        b"<sitemap><loc>/closed.xml</loc></sitemap></sitemapindex>"
    ))  # fmt: skip
    done = follow_once(index)
    assert (done.new, done.feeds) == (1, 3)
    assert "robots.txt" in done.rejected[0].reason
    assert "/closed.xml" not in server.asked


def test_the_items_of_many_batches_and_wrong_encodings(
    server: BadServer, follow_once: Rounds, place: Path
) -> None:
    latin = page(extra="Der Bürgermeister sprach über die Brücke.").decode()
    latin = latin.replace('<meta charset="utf-8">', "")
    odd = server.page("/odd", Reply(latin.encode("cp1252"), kind="text/html; charset=ISO-8859-1"))
    lying = server.page("/lying", Reply(page(extra="Größe."), kind="text/html; charset=latin-1"))
    links = [
        server.page(f"/{n}", Reply(page(f"Report {n}", extra=f"Number {n}. " * 40)))
        for n in range(40)
    ]
    done = follow_once(feed(server, item(odd), item(lying), *map(item, links)))
    assert (done.new, done.rejected) == (42, [])
    with open_archive(place) as archive:
        first, second = archive.article(odd), archive.article(lying)
        assert first
        assert second
        assert "Bürgermeister" in first.text
        assert "Größe" in second.text


def test_the_archive_is_free_between_batches_and_a_busy_one_is_named(
    server: BadServer, settings: Settings, follow_once: Rounds, place: Path
) -> None:
    url = feed(server, item(server.page("/a", Reply(page()))))
    policy = AddressPolicy(exceptions={("127.0.0.1", server.port)})
    with Follower([url], settings, policy=policy, embedder=HashEmbedding()) as follower:
        with pytest.raises(ArchiveLockedError, match="follows feeds"):
            Follower([url], settings)
        with open_archive(place), pytest.raises(ArchiveLockedError, match="in use"):
            follower.round()
        assert follower.round().new == 1
        with open_archive(place) as archive:
            assert archive.stats().articles == 1


def test_a_busy_archive_is_waited_for_where_following_goes_on(
    server: BadServer, settings: Settings, place: Path
) -> None:
    held = open_archive(place)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        held.close()

    url = feed(server, item(server.page("/a", Reply(page()))))
    policy = AddressPolicy(exceptions={("127.0.0.1", server.port)})
    with Follower([url], settings, wait_for_archive=True, policy=policy, say=say,
                  embedder=HashEmbedding()) as follower:  # fmt: skip
        assert said[0].startswith("Waiting for the archive")
        rounds = follower.rounds(every_s=0.05)
        assert next(rounds).new == 1
        assert next(rounds).new == 0
        feed(server, item(server.page("/b", Reply(page("Bees", extra="Bees. " * 50)))))
        assert next(rounds).new == 1


def test_a_damaged_state_names_the_remedy(settings: Settings, place: Path) -> None:
    open_archive(place).close()
    (place / "feeds.sqlite").write_bytes(b"no database at all, but long enough to be read" * 99)
    for _ in range(2):
        with pytest.raises(ArchiveDamagedError, match="Delete it"):
            Follower(["http://example.org/feed"], settings, embedder=HashEmbedding())


@pytest.mark.parametrize("address", ["example.org/feed", "file:///etc/passwd", "ftp://x.example/"])
def test_what_is_no_address_of_a_feed_is_said_at_once(settings: Settings, address: str) -> None:
    with pytest.raises(SourceError, match="no address of a feed"):
        Follower([address], settings)


# -- the command ------------------------------------------------------------------------------


def command(place: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "NEWS_ASSISTANT_ALLOW_PRIVATE_ADDRESSES": "true",
        "NEWS_ASSISTANT_FETCH_DELAY_S": "0",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "follow", *arguments, "--archive", str(place)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_kill_between_fetching_and_bringing_in_loses_nothing(
    server: BadServer, place: Path
) -> None:
    quick = server.page("/quick", Reply(page("Quick")))
    hanging = server.page("/hanging", Reply(page("Slow", extra="On eels."), before_s=30))
    body = rss(item(quick), item(hanging))

    def once_only(head: Mapping[str, str]) -> Reply:
        return Reply(status=304) if "If-None-Match" in head else Reply(
            body, headers={"ETag": '"1"'}, kind=RSS
        )  # fmt: skip

    url = server.page("/feed", once_only)
    killed = command(place, url, "--once")
    wait_for(lambda: "/hanging" in server.asked)
    killed.kill()
    killed.communicate()
    server.page("/hanging", Reply(page("Slow", extra="On eels.")))
    out, err = command(place, url, "--once", "--json").communicate(timeout=120)
    done = json.loads(out)
    assert (done["new"], done["rejected"], done["feeds_unchanged"]) == (2, [], 1), err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_following_stops_at_once_when_told(server: BadServer, place: Path, how: int) -> None:
    hanging = server.page("/hanging", Reply(page(), before_s=30))
    running = command(place, feed(server, item(hanging)), "--every", "15m")
    wait_for(lambda: "/hanging" in server.asked)
    running.send_signal(how)
    started = time.monotonic()
    _, err = running.communicate(timeout=20)
    assert time.monotonic() - started < 5
    assert (running.returncode, "Stopped" in err, "Traceback" in err) == (0, True, False), err


def test_the_command_refuses_what_makes_no_sense(
    capsys: pytest.CaptureFixture[str], place: Path, tmp_path: Path
) -> None:
    outline = '<outline xmlUrl="ftp://example.org/feed"/>'
    (tmp_path / "list.opml").write_text(f"<opml><body>{outline}</body></opml>")
    (tmp_path / "broken.opml").write_text("no list")
    for arguments, words in [
        ([], "no feed to follow"),
        (["--opml", str(tmp_path / "list.opml")], "no feed to follow"),
        (["--opml", str(tmp_path / "broken.opml")], "broken.opml"),
        (["--opml", str(tmp_path / "none.opml")], "Cannot read"),
        (["example.org"], "no address of a feed"),
    ]:
        assert main(["follow", *arguments, "--once", "--archive", str(place)]) == 2
        assert words in capsys.readouterr().err
    for every in ("1s", "often", "0"):
        with pytest.raises(SystemExit):
            main(["follow", "http://example.org/", "--every", every])


def test_an_archive_that_is_none_is_said_before_anything_is_fetched(
    server: BadServer, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("something else")
    with pytest.raises(ArchiveNotFoundError, match="not an archive"):
        Follower([feed(server)], Settings(archive=tmp_path))
    assert server.asked == []
