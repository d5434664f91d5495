"""Shared by all tests: sample articles, the shared data's place, one browser, offline switches."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.offline import go_offline
from assistant.types import Article

if TYPE_CHECKING:
    from playwright.sync_api import Browser

go_offline()

BROWSERS = ("/usr/bin/chromium", "chromium", "google-chrome")
FLAGS = ("--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking")

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
SHARED = ROOT.parent / "shared" / "data"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the development sets; skips where it is not there."""
    if not SHARED.exists():
        pytest.skip(f"needs the development data, which is not at {SHARED}")
    return SHARED


def article(number: int = 1, **fields: object) -> Article:
    """A small article with its own url; fields replace the defaults."""
    given: dict[str, object] = {
        "url": f"https://example.org/{number}",
        "title": f"Council vote number {number}",
        "text": (
            f"The council of Marlow voted on item {number} on Tuesday. Mayor Ada Finch said the "
            f"plan would cost {number} million crowns.\n\nOpponents promised to go to court."
        ),
        "published_at": day("2024-05-14"),
        "publisher": "Marlow Gazette",
    }
    return Article(**(given | fields))  # type: ignore[arg-type]


def find_browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")  # while it is open, no other event loop can run in this thread
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if executable is None:
        pytest.skip("no browser: install chromium (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()
