"""Shared by the tests of loading: read a file, expect one article or one reason."""

from __future__ import annotations

from pathlib import Path

from assistant.articles import load_articles
from assistant.types import Article, Rejection

FIXTURES = Path(__file__).parents[2] / "fixtures"
BODY = "The council of Marlow voted for a new bridge on Tuesday. Work begins in May."


def load(*paths: Path, mapping: dict[str, str] | None = None) -> list[Article | Rejection]:
    return list(load_articles(paths, mapping=mapping))


def articles(*paths: Path, mapping: dict[str, str] | None = None) -> list[Article]:
    items = load(*paths, mapping=mapping)
    assert all(isinstance(item, Article) for item in items), items
    return [item for item in items if isinstance(item, Article)]


def one(path: Path, mapping: dict[str, str] | None = None) -> Article:
    (item,) = articles(path, mapping=mapping)
    return item


def rejected(*paths: Path, mapping: dict[str, str] | None = None) -> list[Rejection]:
    items = load(*paths, mapping=mapping)
    return [item for item in items if isinstance(item, Rejection)]


def reason(path: Path, mapping: dict[str, str] | None = None) -> str:
    (item,) = load(path, mapping=mapping)
    assert isinstance(item, Rejection), item
    assert str(path) in item.source
    return item.reason


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
