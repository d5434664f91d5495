"""remove, sync, versions and ingest's list of rejections, as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.archive.archive import Archive
from assistant.archive.folders import mirror
from assistant.cli import main
from assistant.errors import SourceError
from assistant.settings import Settings
from tests.conftest import ROOT
from tests.integration.conftest import open_archive
from tests.integration.test_archive import consistent

TEXT = "The council of Marlow voted on item {}. Mayor Ada Finch said it would cost {} million."


def write(folder: Path, name: str, number: int, **fields: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    record = {
        "url": f"https://example.org/{number}",
        "title": f"Council vote number {number}",
        "text": TEXT.format(number, number),
        "date": "2024-05-14",
        "publisher": "Marlow Gazette",
    }
    file.write_text(json.dumps(record | fields))
    return file


def urls(archive: Archive) -> set[str]:
    return {one.url for one in map(archive.stored, archive.select()) if one}


def url(*numbers: int) -> set[str]:
    return {f"https://example.org/{n}" for n in numbers}


# -- sync -------------------------------------------------------------------------------------


def test_a_folder_is_mirrored_deletions_included(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    for n in range(4):
        write(folder, f"{n}.json", n)
    with open_archive(place) as archive:
        assert set(mirror(archive, folder).added) == url(0, 1, 2, 3)
        assert mirror(archive, folder).unchanged == 4
        (folder / "0.json").unlink()
        write(folder, "1.json", 1, text="The tunnel opened instead. The council of Marlow cheered.")
        write(folder, "2.json", 12)  # the file is about something else now
        write(folder / "new", "5.json", 5)
        plan = mirror(archive, folder, dry_run=True)
        assert (set(plan.added), set(plan.updated)) == (url(12, 5), url(1))
        assert {gone for gone, _ in plan.removed} == url(0, 2)
        assert urls(archive) == url(0, 1, 2, 3)
        done = mirror(archive, folder)
        assert done.to_json() == plan.to_json() | {"dry_run": False}
        assert urls(archive) == url(1, 3, 5, 12)
        consistent(archive, 4)
    with open_archive(place) as archive:
        consistent(archive, 4)
        assert mirror(archive, folder).unchanged == 4


def test_only_what_came_from_that_folder_alone_is_taken_out(place: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "one-more"
    write(one, "1.json", 1)
    write(one, "2.json", 2)
    write(other, "2.json", 2)
    write(other, "3.json", 3)
    with open_archive(place) as archive:
        archive.ingest([])
        mirror(archive, one)
        mirror(archive, other)
        (one / "1.json").unlink()
        (one / "2.json").unlink()
        write(one, "4.json", 4)
        assert [gone for gone, _ in mirror(archive, one).removed] == list(url(1))
        assert urls(archive) == url(2, 3, 4)
        (other / "2.json").unlink()
        assert [gone for gone, _ in mirror(archive, other).removed] == list(url(2))


def test_an_article_that_moves_to_another_file_stays(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    file = write(folder, "1.json", 1)
    with open_archive(place) as archive:
        mirror(archive, folder)
        file.rename(folder / "renamed.json")
        report = mirror(archive, folder)
        assert (report.unchanged, report.removed) == (1, [])
        (folder / "renamed.json").unlink()
        write(folder, "2.json", 2)
        assert [gone for gone, _ in mirror(archive, folder).removed] == list(url(1))


def test_a_file_that_cannot_be_read_loses_nothing(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    write(folder, "1.json", 1)
    write(folder, "2.json", 2)
    with open_archive(place) as archive:
        mirror(archive, folder)
        (folder / "1.json").write_text('{"url": ')
        report = mirror(archive, folder)
        assert (len(report.rejected), report.removed) == (1, [])
        assert urls(archive) == url(1, 2)


def test_an_empty_folder_is_asked_about(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    write(folder, "1.json", 1)
    with open_archive(place) as archive:
        mirror(archive, folder)
        (folder / "1.json").unlink()
        with pytest.raises(SourceError, match="allow-empty"):
            mirror(archive, folder)
        assert urls(archive) == url(1)
        assert len(mirror(archive, folder, allow_empty=True).removed) == 1
        assert urls(archive) == set()
        shutil.rmtree(folder)
        with pytest.raises(SourceError, match="no folder"):
            mirror(archive, folder)


# -- the commands -----------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(part) for part in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(3):
        write(tmp_path / "news", f"{n}.json", n, publisher="Post" if n else "Gazette")
    return tmp_path / "news"


def test_sync_and_remove(capsys: pytest.CaptureFixture[str], place: Path, folder: Path) -> None:
    here = ("--archive", place)
    code, out, _ = run(capsys, "sync", folder, *here, "--dry-run", "--json")
    assert (code, len(json.loads(out)["added"])) == (0, 3)
    _, out, _ = run(capsys, "sync", folder, *here)
    assert "3 added" in out
    # Nobody at the keyboard: nothing goes without --yes.
    code, out, err = run(capsys, "remove", "https://example.org/0", *here)
    assert (code, "--yes" in err) == (2, True)
    code, out, _ = run(capsys, "remove", "--publisher", "post", *here, "--dry-run", "--json")
    assert len(json.loads(out)["articles"]) == 2
    code, out, _ = run(capsys, "remove", "http://www.example.org/0?utm_source=x", *here, "--yes")
    assert "1 taken out" in out
    code, out, _ = run(capsys, "stats", *here, "--json")
    assert json.loads(out)["articles"] == 2
    code, out, _ = run(capsys, "remove", "--publisher", "Post", "--before", "2024-05-14", *here,
                       "--yes", "--json")  # fmt: skip
    assert json.loads(out)["removed"] == 0
    code, out, _ = run(capsys, "remove", "--publisher", "Post", "--before", "2024-05-15", *here,
                       "--yes", "--json")  # fmt: skip
    assert json.loads(out)["removed"] == 2
    code, out, err = run(capsys, "remove", "https://example.org/0", *here, "--yes")
    assert (code, "Not in the archive" in err) == (2, True)
    for wrong in (["remove"], ["remove", "x", "--publisher", "Post"]):
        assert run(capsys, *wrong, *here)[0] == 2


def test_versions(capsys: pytest.CaptureFixture[str], place: Path, folder: Path) -> None:
    here = ("--archive", place)
    run(capsys, "ingest", folder, *here)
    write(folder, "1.json", 1, text="The council of Marlow voted on item 1. It passed.")
    run(capsys, "ingest", folder, *here)
    _, out, _ = run(capsys, "versions", "https://example.org/1", *here, "--json")
    first, second = json.loads(out)
    assert (first["shown"], second["shown"]) == (False, True)
    assert second["changes"][0]["new"] == ["It passed."]
    _, out, _ = run(capsys, "versions", "https://example.org/1", *here)
    assert "+ It passed." in out
    assert run(capsys, "versions", "nothing", *here)[0] == 2


def test_every_rejection_is_listed(
    capsys: pytest.CaptureFixture[str], place: Path, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text('{"title": "no text"}\n' * 5 + json.dumps({"text": TEXT.format(1, 1)}) + "\n")
    listed = tmp_path / "rejected.jsonl"
    code, out, _ = run(capsys, "ingest", dump, "--archive", place, "--rejected", listed, "--json")
    assert code == 0
    summary = json.loads(out)
    lines = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
    assert summary["rejected"] == lines
    assert len(lines) == summary["rejections"] == 5
    assert all(line["source"] and line["reason"] for line in lines)
    code, _, err = run(capsys, "ingest", dump, "--archive", place, "--rejected", tmp_path / "no/r")
    assert (code, "Cannot write" in err) == (2, True)


def test_ctrl_c_keeps_what_is_done_and_a_second_run_does_the_rest(
    place: Path, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.jsonl"
    records = (
        {"url": f"https://example.org/{n}", "title": f"Vote {n}", "text": TEXT.format(n, n)}
        for n in range(3_000)
    )
    dump.write_text("".join(json.dumps(record) + "\n" for record in records))
    command = [sys.executable, "-m", "assistant.cli", "ingest", str(dump), "--archive", str(place)]
    child = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ | {"TERM": "dumb"}
    )
    deadline = time.monotonic() + 60
    while not _shown(place / "catalog.sqlite"):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "again" in err
    with Archive.open(place, settings=Settings(archive=place)) as archive:
        stats = archive.stats()
        assert 0 < stats.articles < 3_000
        assert archive._vectors.count() == archive._lexical.count() == stats.passages


def _shown(catalog: Path) -> int:
    """Articles that another process's archive shows by now."""
    if not catalog.exists():
        return 0
    connection = sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)
    try:
        query = "SELECT count(*) FROM articles WHERE version > 0"
        return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:  # the tables are not there yet
        return 0
    finally:
        connection.close()
