"""Shared by all tests: sample articles, the shared data's place, offline switches."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.offline import go_offline
from assistant.types import Article

go_offline()

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
