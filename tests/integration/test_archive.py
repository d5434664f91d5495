"""The archive on real Chroma, tantivy and SQLite: what goes in, what is found, what survives."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.archive.archive import Archive
from assistant.errors import (
    ArchiveDamagedError,
    ArchiveLockedError,
    ArchiveMismatchError,
    ArchiveNotFoundError,
    ArchiveWriteError,
)
from assistant.settings import Settings
from assistant.types import Article, Filters, Rejection
from tests.conftest import article, day
from tests.integration.conftest import HashEmbedding, open_archive

NO_FILTERS = Filters()


def found(archive: Archive, words: str, filters: Filters = NO_FILTERS) -> dict[str, set[str]]:
    """Urls found by each index."""
    hits = {
        "lexical": archive.search_lexical([(words, 1.0)], filters, 50),
        "dense": archive.search_dense(archive.embed(words), filters, 50),
    }
    return {
        name: {p.url for p in archive.passages([key for key, _ in pairs]).values()}
        for name, pairs in hits.items()
    }


def consistent(archive: Archive, articles: int) -> None:
    """Catalog and both indexes hold the same passages of so many articles."""
    stats = archive.stats()
    assert stats.articles == articles
    assert archive._vectors.count() == archive._lexical.count() == stats.passages
    everything = found(archive, "council Marlow mayor")
    assert len(everything["lexical"]) == len(everything["dense"]) == articles


def test_what_went_in_is_found_and_quoted_from(place: Path) -> None:
    with open_archive(place) as archive:
        summary = archive.ingest([article(1), article(2, title="Bridge", text="A bridge fell.")])
        assert (summary.added, summary.updated, summary.unchanged) == (2, 0, 0)
        assert found(archive, "bridge")["lexical"] == {"https://example.org/2"}
        hits = archive.search_lexical([("mayor", 1.0)], Filters(), 5)
        for passage in archive.passages([key for key, _ in hits]).values():
            stored = archive.article(passage.article_id)
            assert stored is not None
            assert stored.text[passage.start : passage.end] == passage.text


def test_ingesting_again_changes_nothing(place: Path) -> None:
    articles = [article(n) for n in range(5)]
    with open_archive(place) as archive:
        archive.ingest(articles)
        before = archive.stats().fingerprint
        again = archive.ingest(articles)
        assert (again.added, again.updated, again.unchanged) == (0, 0, 5)
        assert archive.stats().fingerprint == before
    with open_archive(place) as archive:
        assert archive.ingest(articles).unchanged == 5
        consistent(archive, 5)


def test_a_changed_article_replaces_its_old_version(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
        archive.ingest([article(1, text="The tunnel opened instead. Mayor Finch cheered.")])
        stored = archive.article("https://example.org/1")
        assert stored is not None
        assert stored.version == 2
        assert found(archive, "tunnel")["lexical"] == {stored.url}
        assert found(archive, "crowns")["lexical"] == set()
        assert archive._catalog.article(stored.id, version=1) is not None
        assert archive._vectors.count() == archive._lexical.count() == 1


def test_the_same_url_twice_in_one_call_keeps_the_last(place: Path) -> None:
    with open_archive(place) as archive:
        summary = archive.ingest([article(1), article(1, text="A later text about the tunnel.")])
        assert (summary.added, summary.updated) == (1, 1)
        stored = archive.article("https://example.org/1")
        assert stored is not None
        assert stored.text == "A later text about the tunnel."


def test_removal_is_complete(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(n) for n in range(4)])
        assert archive.remove(["https://example.org/1", article(2).id, "unknown"]) == 2
        consistent(archive, 2)
        assert archive.article("https://example.org/1") is None
    with open_archive(place) as archive:
        consistent(archive, 2)
        assert archive.ingest([article(1)]).added == 1


def test_bad_articles_are_rejected_and_the_rest_goes_in(place: Path) -> None:
    bad = [
        Rejection("a.txt:1", "no text"),
        article(2, text=" \n "),
        article(3, text="broken \ud800 unicode"),
        article(4, text="a NUL \0 here"),
        article(5, url=""),
        article(6, published_at=day("2024-01-01").replace(tzinfo=None)),
    ]
    with open_archive(place) as archive:
        summary = archive.ingest([*bad, article(1)])
        assert summary.added == 1
        assert len(summary.rejected) == len(bad)
        assert all(rejection.reason for rejection in summary.rejected)


def test_filters_bind_in_both_indexes(place: Path) -> None:
    articles = [
        article(1, published_at=day("2022-01-01"), publisher="Post"),
        article(2, published_at=day("2023-01-01"), publisher="Gazette"),
        article(3, published_at=None, publisher="Gazette"),
    ]
    url = "https://example.org/{}".format
    cases = [
        (Filters(published_from=date(2022, 6, 1)), {url(2)}),
        (Filters(published_to=date(2022, 6, 1)), {url(1)}),
        (Filters(publishers=("GAZETTE",)), {url(2), url(3)}),
        (Filters(articles=(articles[0].id,)), {url(1)}),
        (Filters(as_of=date(2022, 6, 1)), {url(1), url(3)}),
        (Filters(published_from=date(2030, 1, 1)), set()),
        (Filters(publishers=("Nobody",)), set()),
    ]
    with open_archive(place) as archive:
        archive.ingest(articles)
        for filters, expected in cases:
            result = found(archive, "council Marlow", filters)
            assert result == {"lexical": expected, "dense": expected}, filters
            # The same through Chroma's own filter, which serves large matches.
            hits = archive._vectors.search(archive.embed("council"), filters, 10)
            urls = {p.url for p in archive.passages([key for key, _ in hits]).values()}
            assert urls == expected, filters


def test_near_copies_share_a_cluster_and_are_kept(place: Path) -> None:
    paragraphs = [f"Paragraph {n} of the report on the {w}." for n, w in enumerate(
        "bridge tunnel harbour school clinic road park market".split())]  # fmt: skip
    original = article(1, text="\n\n".join(paragraphs), publisher="Wire")
    copy = article(2, title="Other", text="\n\n".join(paragraphs[:-1]), publisher="Post")
    with open_archive(place) as archive:
        assert archive.ingest([original, copy, article(3)]).copies == 1
        (group,) = archive.clusters([original.id]).values()
        assert {one.url for one in group} == {original.url, copy.url}
        assert archive.stats().articles == 3


def test_a_second_owner_is_told_who_holds_the_archive(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
        with pytest.raises(ArchiveLockedError, match=str(os.getpid())):
            open_archive(place)
        consistent(archive, 1)
    with open_archive(place) as archive:
        consistent(archive, 1)


def test_threads_may_search_while_articles_go_in(place: Path) -> None:
    errors: list[Exception] = []
    with open_archive(place) as archive:
        archive.ingest([article(0)])
        stop = threading.Event()

        def search() -> None:
            try:
                while not stop.is_set():
                    hits = archive.search_lexical([("Marlow", 1.0)], Filters(), 100)
                    dense = archive.search_dense(archive.embed("Marlow"), Filters(), 100)
                    for key, passage in archive.passages([k for k, _ in hits + dense]).items():
                        stored = archive.article(passage.article_id)
                        assert stored is not None, key
                        assert stored.text[passage.start : passage.end] == passage.text
            except Exception as error:  # noqa: BLE001 - shown by the main thread
                errors.append(error)

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for n in range(1, 15):
            archive.ingest([article(n)])
        stop.set()
        for thread in threads:
            thread.join()
        assert not errors
        consistent(archive, 15)


_CHILD = textwrap.dedent("""
    import sys
    from tests.conftest import article
    from tests.integration.conftest import open_archive
    from pathlib import Path
    with open_archive(Path(sys.argv[1])) as archive:
        for n in range(400):
            archive.ingest([article(n)])
            print(n, flush=True)
""")


@pytest.mark.parametrize("after", [1, 3, 7])
def test_every_acknowledged_article_survives_a_kill(place: Path, after: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(place)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    acknowledged = -1
    for line in child.stdout:
        acknowledged = int(line)
        if acknowledged == after:
            time.sleep(0.01 * after)
            child.send_signal(signal.SIGKILL)
            break
    for line in child.stdout:
        acknowledged = int(line)
    child.wait()
    with open_archive(place) as archive:
        urls = found(archive, "council Marlow mayor")
        expected = {f"https://example.org/{n}" for n in range(acknowledged + 1)}
        assert expected <= urls["lexical"]
        assert urls["lexical"] == urls["dense"]
        consistent(archive, len(urls["lexical"]))
        stored = archive.article("https://example.org/0")
        assert stored is not None
        assert stored.text == article(0).text


@pytest.mark.parametrize("step", ["vectors", "lexical", "promote", "forget"])
def test_work_that_was_interrupted_is_finished_on_open(
    place: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def fail(*_: object) -> None:
        raise PowerCut

    archive = open_archive(place)
    archive.ingest([article(1)])
    part, name = {
        "vectors": (archive._vectors, "add"),
        "lexical": (archive._lexical, "add"),
        "promote": (archive._catalog, "promote"),
        "forget": (archive._catalog, "forget_removed"),
    }[step]
    with monkeypatch.context() as patch:
        patch.setattr(part, name, fail)
        with pytest.raises(PowerCut):
            archive.ingest([article(1, text="The tunnel opened. The council of Marlow cheered.")])
        # Whatever was being done, what is shown is whole: the old version or the new one.
        shown = found(archive, "council Marlow")
        assert shown["lexical"] == shown["dense"] == {"https://example.org/1"}
    archive.close()
    with open_archive(place) as reopened:
        assert found(reopened, "tunnel")["lexical"] == {"https://example.org/1"}
        consistent(reopened, 1)


def _break(path: Path) -> None:
    for file in path.rglob("*"):
        if file.is_file():
            file.write_bytes(b"broken" * 50)


@pytest.mark.parametrize("damage", ["lose chroma", "break hnsw", "lose lexical", "break lexical"])
def test_a_lost_or_damaged_index_is_rebuilt_without_embedding(place: Path, damage: str) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(n) for n in range(20)])
    if damage == "lose chroma":
        shutil.rmtree(place / "chroma")
    elif damage == "break hnsw":
        for folder in (place / "chroma").iterdir():
            if folder.is_dir():
                _break(folder)
    elif damage == "lose lexical":
        shutil.rmtree(place / "lexical")
    else:
        _break(place / "lexical")

    class NoEmbedding(HashEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            raise AssertionError("embedded again")

    settings = Settings(archive=place)
    with Archive.open(place, settings=settings, embedder=NoEmbedding()) as archive:
        consistent(archive, 20)


def test_reindex_rebuilds_both(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(n) for n in range(3)])
        archive._vectors.clear()
        archive._lexical.clear()
        assert archive.reindex() == 3
        consistent(archive, 3)


def test_a_corrupt_catalog_is_named(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
    catalog = place / "catalog.sqlite"
    catalog.write_bytes(b"SQLite format 3\0" + b"garbage" * 2_000)
    with pytest.raises(ArchiveDamagedError, match="backup"):
        open_archive(place)
    assert catalog.read_bytes().startswith(b"SQLite format 3\0garbage")


def test_other_settings_are_a_mismatch(place: Path) -> None:
    with open_archive(place):
        pass
    with pytest.raises(ArchiveMismatchError, match="CHUNK_TOKENS=200"):
        Archive.open(place, settings=Settings(chunk_tokens=100), embedder=HashEmbedding())
    with pytest.raises(ArchiveMismatchError, match="EMBEDDER=minilm"):
        Archive.open(place, settings=Settings(embedder="other"), embedder=HashEmbedding())


def test_places_that_are_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFoundError, match="news-assistant ingest"):
        open_archive(tmp_path / "none", create=False)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveNotFoundError, match="is a file"):
        open_archive(tmp_path / "file")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("x")
    with pytest.raises(ArchiveNotFoundError, match="other files"):
        open_archive(tmp_path / "full")
    assert (tmp_path / "full" / "notes.txt").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
    place.chmod(0o500)
    try:
        with pytest.raises(ArchiveWriteError, match="writable"):
            open_archive(place)
    finally:
        place.chmod(0o700)


def test_a_full_disk_loses_nothing(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])

        def fill(connection: sqlite3.Connection, *_: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        import sqlalchemy as sa

        sa.event.listen(archive._catalog._engine, "checkout", fill)
        many = [article(n, text="Many words about the council. " * 400) for n in range(2, 30)]
        with pytest.raises(ArchiveWriteError, match="disk"):
            archive.ingest(many)
        sa.event.remove(archive._catalog._engine, "checkout", fill)
        consistent(archive, 1)
    with open_archive(place) as archive:
        consistent(archive, 1)
        assert archive.article("https://example.org/1") is not None


def test_updating_only_the_date_is_a_new_version(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest([article(1)])
        corrected: Article = replace(article(1), updated_at=day("2024-05-20"))
        assert archive.ingest([corrected]).updated == 1
