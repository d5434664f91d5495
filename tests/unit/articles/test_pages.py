"""Saved pages: what the precise extraction misses altogether is looked for more widely."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.articles.reading import BODY, one, reason, write

LINES = "".join(f"<div>{BODY} Number {n}.</div>" for n in range(5))


@pytest.mark.parametrize("around", ["<form>{}</form>", "<div class='related'>{}</div>"])
def test_a_report_in_an_unusual_place_is_found(tmp_path: Path, around: str) -> None:
    page = f"<html><body>{around.format(LINES)}</body></html>"
    text = one(write(tmp_path / "a.html", page)).text
    assert text.startswith(BODY)
    assert "Number 4." in text


def test_a_front_page_of_headlines_is_no_report(tmp_path: Path) -> None:
    links = "".join(
        f"<li><a href='/{n}'>Marlow council votes for a new bridge, part {n}</a></li>"
        for n in range(9)
    )
    page = f"<html><body><ul>{links}</ul></body></html>"
    assert "No article text" in reason(write(tmp_path / "a.html", page))


def test_the_language_a_page_states(tmp_path: Path) -> None:
    page = f"<!doctype html><html class='x' lang='en-GB'><body><p>{LINES}</p></body></html>"
    assert one(write(tmp_path / "a.html", page)).language == "en"
