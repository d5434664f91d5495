"""A real server over a real archive, and a real browser; skipped where there is no browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.conftest import find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
START_LIMIT_S = 90
EXAMPLE = "When did the dockers in Port Averley end their strike?"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of app.py, serving an archive of the articles beside this file."""
    if find_browser() is None:
        pytest.skip("no browser: install chromium (Debian: apt-get install chromium)")
    with served(tmp_path_factory.mktemp("served"), HERE / "articles") as address:
        yield address


@contextmanager
def served(place: Path, articles: Path, **settings: str) -> Iterator[str]:
    """The address of app.py in a process of its own, over an archive of `articles` in `place`.

    `settings` become NEWS_ASSISTANT_* variables.
    """
    pytest.importorskip("gradio", reason="the web extra is not installed")
    (place / "corpus").mkdir()
    (place / "corpus" / "examples.json").write_text(json.dumps([EXAMPLE]))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = place / "server.log"
    environment = os.environ | {
        "NEWS_ASSISTANT_ARCHIVE": str(place / "archive"),
        "NEWS_ASSISTANT_PORT": str(port),
        "GRADIO_TEMP_DIR": str(place / "uploads"),
        **settings,
    }
    environment |= {f"NEWS_ASSISTANT_{name}": value for name, value in settings.items()}
    ingest = (
        "import sys; from assistant import Archive, load_articles\n"
        "with Archive.open() as archive:\n"
        "    summary = archive.ingest(load_articles([sys.argv[1]]))\n"
        "assert not summary.rejected, summary.rejected"
    )
    subprocess.run([sys.executable, "-c", ingest, articles], env=environment, cwd=place, check=True)
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, ROOT / "app.py"],
            env=environment,
            cwd=place,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(port, server, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if server.poll() is not None:
            pytest.fail(f"The server stopped with code {server.returncode}:\n{log.read_text()}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0 and "open at" in log.read_text():
                return
        time.sleep(0.2)
    pytest.fail(f"The server did not start in {START_LIMIT_S} s:\n{log.read_text()}")


@pytest.fixture(scope="session")
def example() -> str:
    """The example question that the page offers."""
    return EXAMPLE


@pytest.fixture
def viewport() -> tuple[int, int]:
    return 1280, 800


@pytest.fixture
def page(browser: Browser, address: str, viewport: tuple[int, int]) -> Iterator[Page]:
    """A fresh visitor; whatever a test does, nothing left this machine and no script ran."""
    context = browser.new_context(viewport={"width": viewport[0], "height": viewport[1]})
    context.set_default_timeout(20_000)
    visited = context.new_page()
    outside: list[str] = []
    dialogs: list[str] = []
    errors: list[str] = []
    visited.on(
        "request", lambda request: outside.append(request.url) if _is_outside(request.url) else None
    )
    visited.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visited.on("pageerror", lambda error: errors.append(str(error)))
    visited.goto(address)
    visited.get_by_text("Archive as of").wait_for()
    yield visited
    context.close()
    assert not outside, f"requests to other hosts: {outside}"
    assert not dialogs, f"a script in news text ran: {dialogs}"
    assert not errors, f"errors in the page: {errors}"


def _is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.hostname not in ("127.0.0.1", "localhost")
