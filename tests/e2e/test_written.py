"""The one control that switches between quotes and written answers, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import HERE, served
from tests.e2e.test_chat import DENIAL, ask
from tests.llm_server import Server, says, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e


def reply(prompt: str) -> str:
    """The first sentence of the first passage, and an invention."""
    if "passage [1]>" not in prompt:
        return ""  # to rewrite the question: the rules will do
    body = prompt.split("passage [1]>")[1].split("\n\n", 1)[1]
    return f"{body.split('.')[0]}. [1] The moon is made of cheese [1]."


def test_a_reader_switches_between_quotes_and_a_written_answer(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(says(reply)) as model:
        settings = {"LLM": "openai-like", "LLM_MODEL": "scripted", "LLM_URL": model.url}
        with served(tmp_path, HERE / "articles", **settings) as address:
            page = browser.new_page()
            page.set_default_timeout(20_000)
            page.goto(address)
            page.get_by_text("Archive as of").wait_for()
            _switch(page, model)
            page.close()


def _switch(page: Page, model: Server) -> None:
    assert page.get_by_label("Quotes only").is_checked()
    quotes = ask(page, DENIAL).inner_text()
    assert model.requests == []
    page.get_by_label("Written answer").check()
    written = ask(page, DENIAL)
    assert len(model.requests) >= 1
    assert "1 sentence was left out" in written.inner_text()
    assert "cheese" not in written.inner_text()
    assert written.locator("button.cite").count() >= 1
    page.get_by_label("Quotes only").check()
    asked = len(model.requests)
    assert ask(page, DENIAL).locator(".text").inner_text() in quotes
    assert len(model.requests) == asked


def test_without_a_language_model_there_is_nothing_to_switch(page: Page) -> None:
    assert page.locator("#mode").count() == 0
