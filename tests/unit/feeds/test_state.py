"""Notes on feeds and items outlive the process that made them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from assistant.feeds.entries import Entry, Feed
from assistant.feeds.records import feed_backoff_s, item_backoff_s
from assistant.feeds.state import FeedState

FEED, OTHER = "http://gazette.example/feed", "http://wire.example/feed"
DAY_S = 86_400.0


def entry(name: str, hour: int = 1, **said: object) -> Entry:
    when = datetime(2024, 5, 14, hour, tzinfo=UTC)
    given = {"url": f"http://gazette.example/{name}", "published_at": when, "authors": ("A", "B")}
    return Entry(**(given | said))  # type: ignore[arg-type]


def due(state: FeedState, now: float = 0.0, *feeds: str) -> list[str]:
    return [one.entry.url[-1] for one in state.due(feeds or (FEED,), now, DAY_S)]


def read(state: FeedState, *entries: Entry, feed: str = FEED) -> int:
    return state.feed_read(feed, Feed(entries=entries), etag='"1"', modified="then")


def test_items_are_due_until_taken_and_again_when_they_change(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        assert read(state, entry("a", content="<p>x</p>"), entry("b")) == 2
    with FeedState(tmp_path / "feeds.sqlite") as state:  # as after a restart
        assert (state.feed(FEED).etag, state.feed(FEED).modified) == ('"1"', "then")
        first, second = state.due([FEED], 0, DAY_S)
        assert first.entry == entry("a", content="<p>x</p>")
        state.taken([(first, False, '"e"', "m")], now=1_000)
        assert due(state) == ["b"]
        assert read(state, entry("a"), entry("b")) == 0
        assert read(state, entry("a", hour=2), entry("b")) == 1
        (changed, _) = state.due([FEED], 2_000, DAY_S)
        assert (changed.known, changed.etag, changed.modified) == (False, '"e"', "m")
        assert second.attempts == 0


def test_taken_items_are_looked_at_again_while_listed(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        read(state, entry("a"), entry("b"), entry("c", on_page=False))
        state.taken([(one, False, None, None) for one in state.due([FEED], 0, DAY_S)], now=1_000)
        assert due(state, 1_000 + DAY_S - 1) == []
        read(state, entry("b"), entry("c", on_page=False))
        assert due(state, 1_000 + DAY_S) == ["b"]  # a rolled off, c has no page
        (known,) = state.due([FEED], 1_000 + DAY_S, DAY_S)
        assert known.known
        state.checked(known, 1_000 + DAY_S)
        assert due(state, 1_000 + DAY_S) == []


def test_failures_wait_longer_each_time_and_end(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        read(state, entry("a"))
        now, tried = 0.0, 0
        while found := state.due([FEED], now, DAY_S):
            tried += 1
            assert found[0].attempts == tried - 1
            state.failed(found[0], "No.", now, most_attempts=5)
            assert due(state, now + item_backoff_s(tried) - 1) == []
            now += item_backoff_s(tried)
            read(state, entry("a"))  # being listed on is no news
        assert tried == 5
        assert 12 * 3_600 < now < 3 * DAY_S
        assert read(state, entry("a", hour=3)) == 1
        assert due(state, now) == ["a"]


def test_an_item_that_changes_at_every_look_is_not_tried_for_ever(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        read(state, entry("a", hour=0))
        (first,) = state.due([FEED], 0, DAY_S)
        state.failed(first, "No.", 0, most_attempts=5)
        read(state, entry("a", hour=1))
        assert due(state, 0) == []
        assert state.due([FEED], item_backoff_s(1), DAY_S)[0].attempts == 1


def test_a_page_in_two_feeds_is_due_once(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        read(state, entry("a"))
        read(state, entry("a", title="Other words"), feed=OTHER)
        found = state.due([FEED, OTHER], 0, DAY_S)
        assert [one.feed for one in found] == [FEED]
        state.taken([(found[0], False, None, None)], now=10)
        assert due(state, 10, FEED, OTHER) == []
        read(state, entry("a"), feed="http://late.example/feed")
        assert due(state, 10, "http://late.example/feed") == []


def test_a_failing_feed_is_asked_less_often(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        state.feed_failed(FEED, "No.", now=100)
        assert (state.feed(FEED).next_at, state.feed(FEED).reason) == (160, "No.")
        state.feed_failed(FEED, "No.", now=200, not_before=9_000)
        assert (state.feed(FEED).next_at, state.feed(FEED).failures) == (9_000, 2)
        read(state)
        assert (state.feed(FEED).failures, state.feed(FEED).next_at) == (0, 0)
    assert feed_backoff_s(50) == item_backoff_s(50) == DAY_S


def test_old_notes_are_dropped_once_rolled_off(tmp_path: Path) -> None:
    with FeedState(tmp_path / "feeds.sqlite") as state:
        read(state, entry("a"), entry("b"))
        state.taken([(one, False, None, None) for one in state.due([FEED], 0, DAY_S)], now=0)
        read(state, entry("b"))
        state.forget_old(200 * DAY_S)
        assert read(state, entry("b")) == 0
        assert read(state, entry("a"), entry("b")) == 1
