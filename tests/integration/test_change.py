"""Articles that change, go, or may not be shown yet, on real Chroma, tantivy and SQLite."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.archive.archive import Archive
from assistant.archive.difference import Change, difference
from assistant.settings import Settings
from assistant.types import Article, Filters
from tests.conftest import article, day
from tests.integration.conftest import HashEmbedding, open_archive
from tests.integration.test_archive import consistent, found

URL = "https://example.org/1"
TUNNEL = "The tunnel opened instead. Mayor Finch of the Marlow council cheered."


def stored(archive: Archive, name: str = URL) -> Article:
    one = archive.article(name)
    assert one is not None
    return one


class CountingEmbedding(HashEmbedding):
    """Counts the texts that it embeds."""

    embedded: int = 0

    def _get_text_embedding(self, text: str) -> list[float]:
        self.embedded += 1
        return super()._get_text_embedding(text)


# -- versions ---------------------------------------------------------------------------------


def test_all_fields_come_back(place: Path) -> None:
    whole = article(
        1,
        updated_at=day("2024-05-15"),
        authors=("Ada Quill", "Bo Reed"),
        language="en",
        source_id="urn:wire:4711",
        embargoed_until=day("2024-05-13"),
        correction="Correction: it was Tuesday.",
        usage_terms="Not for archives.",
        page_starts=(0, 40),
        date_only=False,
    )
    with open_archive(place) as archive:
        archive.ingest([whole])
        assert replace(stored(archive), ingested_at=None) == whole


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "http://example.org/1",
        "https://www.example.org/1/",
        "https://example.org/1?utm_source=feed&fbclid=2",
        "https://EXAMPLE.org/1#comments",
    ],
)
def test_an_article_is_met_again_by_any_form_of_its_url(place: Path, url: str) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
        assert archive.ingest([article(1, url=url)]).unchanged == 1
        assert archive.ingest([article(1, url=url, text=TUNNEL)]).updated == 1
        assert stored(archive).version == stored(archive, url).version == 2
        assert archive.ingest([article(1, url=url, text=TUNNEL)]).unchanged == 1
        consistent(archive, 1)


def test_other_pages_are_other_articles(place: Path) -> None:
    urls = [URL, f"{URL}?page=2", f"{URL}#!/story", "https://example.com/1", "file:///a.jsonl#1",
            "file:///a.jsonl#2"]  # fmt: skip
    with open_archive(place) as archive:
        assert archive.ingest(article(url=url) for url in urls).added == len(urls)


def test_an_article_is_met_again_by_its_source_id(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1, source_id="urn:wire:4711")])
        moved = article(1, url="https://example.org/moved", source_id="urn:wire:4711", text=TUNNEL)
        assert archive.ingest([moved]).updated == 1
        assert stored(archive, moved.url) == stored(archive)
        assert stored(archive).text == TUNNEL
        # A bare number may be in use at another publisher.
        archive.ingest([article(2, source_id="7", publisher="Post", text="One. Two. Three.")])
        other = article(3, source_id="7", publisher="Gazette", text="Four. Five. Six.")
        assert archive.ingest([other]).added == 1


def test_older_versions_stay_readable_and_only_the_newest_is_searched(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
        archive.ingest([article(1, text=TUNNEL, updated_at=day("2024-05-15"))])
        archive.ingest([article(1, text=f"{TUNNEL} Boats honked.", updated_at=day("2024-05-16"))])
        assert [one.version for one in archive.versions(URL)] == [1, 2, 3]
        first = archive.article(URL, version=1)
        assert first is not None
        assert first.text == article(1).text
        assert archive.article(URL, version=9) is None
        assert found(archive, "crowns")["lexical"] == set()
        assert found(archive, "honked")["lexical"] == {URL}
        consistent(archive, 1)
        _, second, third = archive.versions(URL)
        assert list(difference(second, third)) == [Change("text", (), ("Boats honked.",))]
        assert list(difference(third, third)) == []


def test_a_changed_sentence_is_told_with_what_stood_there(place: Path) -> None:
    old = article(1, title="Plan passed", text="The plan costs 5 million. It was passed.")
    new = article(1, title="Plan is passed", text="The plan costs 3 million. It was passed.")
    assert list(difference(old, new)) == [
        Change("title", ("Plan passed",), ("Plan is passed",)),
        Change("text", ("The plan costs 5 million.",), ("The plan costs 3 million.",)),
    ]


def test_other_details_are_taken_without_embedding_again(place: Path) -> None:
    embedder = CountingEmbedding()
    settings = Settings(archive=place)
    with Archive.open(place, settings=settings, embedder=embedder) as archive:
        archive.ingest([article(1)])
        before = embedder.embedded
        changed = article(1, publisher="Post", authors=("Bo Reed",), usage_terms="Free.")
        assert archive.ingest([changed]).updated == 1
        assert embedder.embedded == before
        now = stored(archive)
        assert (now.version, now.publisher, now.authors) == (1, "Post", ("Bo Reed",))
        post = Filters(publishers=("Post",))
        assert found(archive, "council Marlow", post) == {"lexical": {URL}, "dense": {URL}}
        hits = archive._vectors.search(archive.embed("council"), post, 5)
        assert len(hits) == 1
        assert archive.ingest([changed]).unchanged == 1
        consistent(archive, 1)


@pytest.mark.parametrize(
    ("stored_fields", "older_fields"),
    [
        ({"updated_at": day("2024-05-16")}, {"updated_at": day("2024-05-15")}),
        ({"updated_at": day("2024-05-16")}, {}),
        ({"published_at": day("2024-05-16")}, {"published_at": day("2024-05-15")}),
        ({"version": 3, "source_id": "urn:w:1"}, {"version": 2, "source_id": "urn:w:1"}),
    ],
)
def test_an_older_version_that_arrives_later_does_not_replace_the_newer(
    place: Path, stored_fields: dict[str, object], older_fields: dict[str, object]
) -> None:
    newer = article(1, text=TUNNEL, **stored_fields)
    older = article(1, **older_fields)
    with open_archive(place) as archive:
        archive.ingest([newer])
        summary = archive.ingest([older])
        assert (summary.superseded, summary.updated) == (1, 0)
        assert stored(archive).text == TUNNEL
        assert found(archive, "crowns")["lexical"] == set()
        assert {one.text for one in archive.versions(URL)} == {TUNNEL, older.text}
        assert archive.ingest([older, newer]).unchanged == 2
        consistent(archive, 1)


def test_without_dates_the_later_arrival_counts_and_words_may_come_back(place: Path) -> None:
    with open_archive(place) as archive:
        for text in (article(1).text, TUNNEL, article(1).text):
            archive.ingest([article(1, text=text)])
        assert stored(archive).text == article(1).text
        assert stored(archive).version == 1
        assert len(archive.versions(URL)) == 2
        assert found(archive, "tunnel")["lexical"] == set()
        consistent(archive, 1)


# -- embargo ----------------------------------------------------------------------------------


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def everything(archive: Archive) -> set[str]:
    """Urls that any way of reading gives away."""
    urls = set().union(*found(archive, "council Marlow mayor tunnel").values())
    urls |= set().union(*found(archive, "council Marlow", Filters(languages=("en",))).values())
    ids = [article(n).id for n in range(5)]
    urls |= {one.url for one in map(archive.article, ids) if one}
    urls |= {one.url for one_id in ids for one in archive.versions(one_id)}
    return urls | {one.url for group in archive.clusters(ids).values() for one in group}


def test_what_is_under_embargo_is_nowhere_until_its_time(place: Path) -> None:
    clock = Clock()
    until = clock.now + timedelta(hours=6)
    held = article(1, embargoed_until=until, publisher="Secret Wire")
    with open_archive(place, clock=clock) as archive:
        summary = archive.ingest([held, article(2)])
        assert (summary.added, summary.held) == (2, 1)
        assert everything(archive) == {article(2).url}
        stats = archive.stats()
        assert (stats.articles, stats.held) == (1, 1)
        assert archive.publishers() == ("Marlow Gazette",)
        # Neither index holds it, so no ranking, filter or limit can bring it up.
        assert archive._vectors.count() == archive._lexical.count() == 1
        archive.reindex()
        assert everything(archive) == {article(2).url}
        assert archive.ingest([held]).unchanged == 1
    with open_archive(place, clock=clock) as archive:
        assert everything(archive) == {article(2).url}
        clock.now = until - timedelta(seconds=1)
        assert everything(archive) == {article(2).url}
        clock.now = until
        assert everything(archive) == {held.url, article(2).url}
        assert archive.stats().held == 0
        consistent(archive, 2)


def test_an_embargo_that_ends_while_the_archive_is_closed(place: Path) -> None:
    clock = Clock()
    with open_archive(place, clock=clock) as archive:
        archive.ingest([article(1, embargoed_until=clock.now + timedelta(hours=1))])
    clock.now += timedelta(hours=2)
    with open_archive(place, clock=clock) as archive:
        consistent(archive, 1)


def test_a_new_version_under_embargo_leaves_the_old_one_up(place: Path) -> None:
    clock = Clock()
    until = clock.now + timedelta(hours=1)
    with open_archive(place, clock=clock) as archive:
        archive.ingest([article(1)])
        later = article(1, text=TUNNEL, updated_at=day("2024-05-15"), embargoed_until=until)
        assert archive.ingest([later]).held == 1
        assert stored(archive).text == article(1).text
        assert len(archive.versions(URL)) == 1
        assert archive.article(URL, version=2) is None
        clock.now = until
        assert stored(archive).text == TUNNEL
        assert len(archive.versions(URL)) == 2
        consistent(archive, 1)


def test_an_embargo_may_be_lifted_or_set_afterwards(place: Path) -> None:
    clock = Clock()
    until = clock.now + timedelta(hours=1)
    with open_archive(place, clock=clock) as archive:
        archive.ingest([article(1, embargoed_until=until)])
        archive.ingest([article(1)])
        consistent(archive, 1)
        archive.ingest([article(1, embargoed_until=until)])
        assert everything(archive) == set()
        assert archive._vectors.count() == archive._lexical.count() == 0
        clock.now = until
        consistent(archive, 1)


def test_a_held_article_can_be_taken_out(place: Path) -> None:
    clock = Clock()
    with open_archive(place, clock=clock) as archive:
        archive.ingest([article(1, embargoed_until=clock.now + timedelta(hours=1))])
        assert archive.remove([URL]) == 1
        assert archive.stats().held == 0
        clock.now += timedelta(hours=2)
        assert everything(archive) == set()


# -- taking out -------------------------------------------------------------------------------


def test_articles_are_selected_by_publisher_and_day(place: Path) -> None:
    articles = [
        article(1, publisher="Post", published_at=day("2022-01-01")),
        article(2, publisher="Post", published_at=day("2024-01-01")),
        article(3, publisher="Gazette", published_at=day("2022-01-01")),
        article(4, publisher="Gazette", published_at=None),
    ]
    cases = [
        ({"publishers": ["post"]}, {1, 2}),
        ({"before": date(2023, 1, 1)}, {1, 3}),
        ({"before": date(2022, 1, 1)}, set()),
        ({"publishers": ["Post"], "before": date(2023, 1, 1)}, {1}),
    ]
    with open_archive(place) as archive:
        archive.ingest(articles)
        for limits, expected in cases:
            ids = {article(n).id for n in expected}
            assert set(archive.select(**limits)) == ids, limits  # type: ignore[arg-type]


def test_nothing_of_a_removed_article_stays_on_disk(place: Path) -> None:
    secret = "Zyxwophonic secrets of Quuxborough"
    with open_archive(place) as archive:
        archive.ingest([article(1, text=f"{secret}. The council of Marlow voted."), article(2)])
        assert archive.remove([URL]) == 1
        consistent(archive, 1)
        assert archive.versions(URL) == []
    with open_archive(place) as archive:
        consistent(archive, 1)
    assert secret.encode() not in (place / "catalog.sqlite").read_bytes()


_REMOVER = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from tests.integration.conftest import open_archive
    archive = open_archive(Path(sys.argv[1]))
    part, name = {"vectors": (archive._vectors, "remove"), "lexical": (archive._lexical, "remove"),
                  "forget": (archive._catalog, "forget_removed")}[sys.argv[2]]
    setattr(part, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    archive.remove([f"https://example.org/{n}" for n in range(5)])
""")


@pytest.mark.parametrize("step", ["vectors", "lexical", "forget"])
def test_a_removal_that_is_killed_is_finished_on_opening(place: Path, step: str) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(n) for n in range(8)])
    child = subprocess.run([sys.executable, "-c", _REMOVER, str(place), step], check=False)
    assert child.returncode == -signal.SIGKILL
    with open_archive(place) as archive:
        consistent(archive, 3)
        for n in range(5):
            assert archive.article(f"https://example.org/{n}") is None
        assert archive.ingest([article(0)]).added == 1
