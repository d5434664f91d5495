"""A guarded server in a real browser: signing in, asking, signing out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import HERE, served
from tests.e2e.test_chat import DENIAL, ask, open_first_source

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def guarded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("gradio", reason="the web extra is not installed")
    from assistant.web.credentials import Credentials
    from assistant.web.roles import Role

    place = tmp_path_factory.mktemp("guarded")
    credentials = Credentials(place / "keys.json")
    credentials.add_login("ada", Role.READ, PASSWORD)
    credentials.add_login("desk", Role.INGEST, PASSWORD)
    with served(place, HERE / "articles", API_KEYS_FILE=str(credentials.path)) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser, guarded: str) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(20_000)
    page = context.new_page()
    blocked: list[str] = []
    page.on(
        "console",
        lambda message: (
            blocked.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    page.goto(guarded)
    yield page
    context.close()
    assert not blocked, f"the policy blocked parts of the page: {blocked}"


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_reader_signs_in_asks_and_signs_out(visitor: Page, guarded: str) -> None:
    assert visitor.url.endswith("/login")
    sign_in(visitor, "ada", "wrong password")
    assert "do not go together" in visitor.get_by_role("alert").inner_text()
    sign_in(visitor, "ada", PASSWORD)
    visitor.get_by_text("Archive as of").wait_for()
    answer = ask(visitor, DENIAL)
    assert "North Korea" in answer.inner_text()
    assert open_first_source(visitor, answer).locator("mark.cited").count()
    visitor.locator("#add").wait_for(state="hidden")
    assert visitor.evaluate("document.cookie") == ""
    visitor.goto(f"{guarded}login")
    visitor.get_by_role("button", name="Sign out").click()
    visitor.get_by_label("Password").wait_for()
    visitor.goto(guarded)
    assert visitor.url.endswith("/login")


def test_a_desk_signs_in_and_adds_an_article(visitor: Page, tmp_path: Path) -> None:
    sign_in(visitor, "desk", PASSWORD)
    visitor.get_by_text("Archive as of").wait_for()
    report = tmp_path / "otter.txt"
    report.write_text("Otters return\n\nBiologist Runa Tveit counted nine otters in Marlow.\n")
    visitor.get_by_text("Add articles").click()
    visitor.set_input_files("#files input[type=file]", [report])
    visitor.locator("#report .report").get_by_text("1 added").wait_for()
    assert "Runa Tveit" in ask(visitor, "Who counted otters in Marlow?").inner_text()
