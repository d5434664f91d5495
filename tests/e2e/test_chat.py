"""The chat as a reader meets it: a real browser, a real server, a real archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.e2e

DENIAL = "Who denied selling artillery shells to Russia?"
MAYOR = "Who won the mayoral election in Port Averley?"
DONE = "#chat .answer:is(.found, .absent, .failed)"


def ask(page: Page, question: str) -> Locator:
    """Type a question, press Enter, wait; returns the finished answer."""
    before = page.locator(DONE).count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    return finished(page, before)


def finished(page: Page, before: int) -> Locator:
    page.wait_for_function(
        "([done, before]) => document.querySelectorAll(done).length > before", arg=[DONE, before]
    )
    return page.locator(DONE).nth(before)


def squeeze(text: str) -> str:
    return "".join(text.split())


def open_first_source(page: Page, answer: Locator) -> Locator:
    answer.locator("button.cite, button.headline").first.click()
    panel = page.locator("#panel section.source")
    panel.wait_for()
    return panel


def sources(answer: Locator) -> list[str]:
    return answer.locator(".sources .by").all_inner_texts()


def test_a_question_gets_a_cited_answer_and_its_quote_opens_in_its_article(page: Page) -> None:
    answer = ask(page, DENIAL)
    assert "North Korea" in answer.inner_text()
    assert answer.locator("button.cite").count() >= 1
    quote = answer.locator(".sources blockquote").first.inner_text()
    panel = open_first_source(page, answer)
    assert panel.locator("h2").inner_text() == "Pyongyang says it sold Russia no shells"
    assert "Continental Wire, 21 September 2022" in panel.inner_text()
    highlighted = "".join(panel.locator("mark.cited").all_text_contents())
    assert squeeze(highlighted) == squeeze(quote)
    assert "American officials said early in September" in panel.inner_text()
    link = panel.locator("a")
    assert link.get_attribute("href") == "https://continental-wire.example/2022/09/arms-denial"
    assert link.get_attribute("rel") == "noopener noreferrer"
    panel.locator("button.close").click()
    panel.wait_for(state="hidden")
    page.locator("button.cite").first.click()
    panel.wait_for()


def test_the_page_tells_the_state_of_the_archive_and_how_it_is_protected(page: Page) -> None:
    status = page.locator("#status").inner_text()
    assert "articles, newest 8 May 2023" in status
    response = page.request.get(page.url)
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert page.locator("#chat [role=log]").get_attribute("aria-live") == "polite"
    assert page.locator("footer").count() == 0 or not page.locator("footer a").count()


def test_what_the_archive_does_not_know_is_said_with_the_closest_passages(page: Page) -> None:
    answer = ask(page, "What is the melting point of tungsten carbide?")
    assert "absent" in (answer.get_attribute("class") or "")
    assert "Not in the archive" in answer.inner_text()
    assert answer.locator("button.cite").count() == 0
    closest = answer.locator(".sources button.headline")
    if closest.count():
        closest.first.click()
        page.locator("#panel mark.cited").first.wait_for()


def test_filters_by_publisher_and_by_date_bind(page: Page) -> None:
    page.click("#publishers input")
    page.get_by_role("option", name="The Ledger").click()
    page.keyboard.press("Escape")
    answer = ask(page, MAYOR)
    assert "Lindqvist" in answer.inner_text()
    assert all("The Ledger" in source for source in sources(answer))
    assert "The Ledger" in answer.locator(".chips").inner_text()
    page.click("#clear-filters")
    page.wait_for_timeout(1_500)  # its answer would wipe a day that was typed meanwhile
    page.fill("#last-day input", "2020-12-31")
    answer = ask(page, MAYOR)
    assert "Oduya" in answer.inner_text()
    assert "Lindqvist" not in answer.inner_text()
    assert "up to 31 December 2020" in answer.locator(".chips").inner_text()
    page.fill("#first-day input", "2021-01-01")
    refused = ask(page, MAYOR)
    assert "swap them" in refused.inner_text()
    assert page.input_value("#question textarea") == MAYOR


def test_an_inferred_limit_is_shown_and_can_be_taken_away(page: Page) -> None:
    answer = ask(page, "Who won the mayoral election in Port Averley in May 2019?")
    chip = answer.locator("button.chip.drop")
    assert "2019" in chip.inner_text()
    chip.click()
    page.wait_for_function("() => !document.querySelector('#chat .chips')")
    page.locator(DONE).wait_for()
    assert page.locator("#chat .asked").count() == 1  # asked again in place, not once more


def test_an_uploaded_article_can_be_asked_about_at_once(page: Page, tmp_path: Path) -> None:
    report = tmp_path / "comet notes.txt"
    report.write_text(
        "Amateur finds a comet over Saltmarsh\n\n"
        "Retired plumber Dorothea Quill discovered a comet over Saltmarsh on Friday night with a "
        "telescope that she had built from drainpipes. The observatory confirmed the find.\n"
    )
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    page.get_by_text("Add articles").click()
    page.set_input_files("#files input[type=file]", [report, empty])
    outcome = page.locator("#report .report")
    outcome.get_by_text("1 added").wait_for()
    assert "comet notes.txt" in outcome.inner_text()
    assert "1 rejected" in outcome.inner_text()
    assert "empty.txt" in outcome.locator(".rejected").inner_text()
    assert str(tmp_path) not in outcome.inner_text()
    answer = ask(page, "Who discovered a comet over Saltmarsh?")
    assert "Dorothea Quill" in answer.inner_text()
    panel = open_first_source(page, answer)
    assert "upload:comet%20notes.txt?sha256=" in panel.inner_text()
    page.set_input_files("#files input[type=file]", [report])
    outcome.get_by_text("1 unchanged").wait_for()


def test_a_conversation_survives_a_reload_and_ends_with_a_new_one(page: Page, example: str) -> None:
    page.get_by_text(example).click()
    answer = finished(page, 0)
    assert "Tuesday" in answer.inner_text()
    assert "also carried by" in answer.inner_text()
    page.reload()
    answer = finished(page, 0)
    assert "Tuesday" in answer.inner_text()
    assert page.locator("#chat .asked").inner_text() == example
    assert open_first_source(page, answer).locator("mark.cited").count()
    page.click("#restart")
    page.get_by_text("Ask the archive").wait_for()
    page.locator("#panel section.source").wait_for(state="hidden")
    page.reload()
    page.get_by_text("Archive as of").wait_for()
    page.get_by_text(example).wait_for()
    assert page.locator("#chat .asked").count() == 0


def test_everything_works_from_the_keyboard(page: Page) -> None:
    page.wait_for_function("() => document.activeElement.closest('#question')")
    page.keyboard.type(DENIAL)
    page.keyboard.press("Enter")
    finished(page, 0)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('button.cite')"):
            break
    else:
        pytest.fail("no citation can be reached with the Tab key")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.matches('section.source')")
    page.keyboard.press("Escape")
    page.locator("#panel section.source").wait_for(state="hidden")
    page.wait_for_function("() => document.activeElement.matches('button.cite, button.headline')")


@pytest.mark.parametrize("viewport", [(390, 844)])
def test_a_phone_shows_everything_without_scrolling_sideways(page: Page) -> None:
    answer = ask(page, DENIAL)
    panel = open_first_source(page, answer)
    page.get_by_text("Add articles").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    chat, source = page.locator("#chat").bounding_box(), panel.bounding_box()
    assert chat
    assert source
    assert source["y"] > chat["y"] + chat["height"] - 1
    assert source["x"] >= 0
    assert source["x"] + source["width"] <= 390


def test_a_hostile_article_is_shown_as_text(page: Page) -> None:
    answer = ask(page, "What did the lighthouse keeper Anselm Brook find on Gull Rock?")
    text = answer.inner_text()
    assert "copper chest" in text
    assert "<script>pwned = 1; alert('text')</script>" in text
    assert "**finds** ![x](https://evil.example/title.png)" in text
    panel = open_first_source(page, answer)
    assert '<iframe src="https://evil.example/frame"></iframe>' in panel.inner_text()
    assert "javascript:alert('url')" in panel.inner_text()
    for inside in (answer, panel):
        assert inside.locator("img, iframe, script, style, a, form").count() == 0
        assert not set("\u202e\u202c") & set(inside.inner_html())
    assert page.evaluate("window.pwned") is None
    assert page.locator("#chat").is_visible()


def test_a_hostile_question_is_shown_as_text(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> **Who** denied [it](javascript:alert(1))?"
    ask(page, hostile)
    assert page.locator("#chat .asked").inner_text() == hostile
    assert page.locator("#chat .asked *").count() == 0


@pytest.mark.parametrize(("question", "reason"), [("   ", "empty"), ("x" * 100_000, "100,000")])
def test_a_question_that_cannot_be_asked_is_explained_and_kept(
    page: Page, question: str, reason: str
) -> None:
    refused = ask(page, question)
    assert "failed" in (refused.get_attribute("class") or "")
    assert reason in refused.inner_text()
    assert "Traceback" not in page.inner_text("body")
    assert page.input_value("#question textarea") == question
