"""Stopping a question, and the chat without a mouse or on a small screen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.e2e

# So many passages are read that a question can be stopped even on a quick machine.
ARTICLES = 80
SENTENCES = 12
READ = {"READ_N": "150", "READ_BUDGET_S": "60"}
QUESTION = "Which harbour master opened the northern lock?"
DONE = "#chat .answer:is(.found, .absent, .failed)"
# Longer than the question takes, so that an answer that was not stopped would have come.
LATER_MS = 8_000
ANSWER_LIMIT_MS = 60_000
# WCAG 2.2, 2.5.8: the smallest target for a finger.
SMALLEST_TARGET_PX = 24
MOST_TABS = 60

NOUNS = (
    "council harbour lock barge festival bridge museum ferry market orchard railway strike vote "
    "budget library choir lighthouse quarry school tram mill vineyard reservoir theatre bakery"
).split()
VERBS = "opened closed praised repaired visited questioned sold renamed defended measured".split()


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over an archive in which reading for a question takes its time."""
    place = tmp_path_factory.mktemp("slow")
    folder = place / "articles"
    folder.mkdir()
    chance = random.Random(20221121)
    for number in range(ARTICLES):
        sentences = " ".join(
            f"The {chance.choice(NOUNS)} {chance.choice(VERBS)} the {chance.choice(NOUNS)} of "
            f"district {chance.randrange(10_000)}."
            for _ in range(SENTENCES)
        )
        (folder / f"{number}.md").write_text(
            f'---\nurl: https://reach.example/{number}\ntitle: "Report {number} on the '
            f'{chance.choice(NOUNS)}"\npublished_at: 2022-03-{number % 28 + 1:02}\n'
            f'publisher: "{("Upriver Post", "Delta Courier")[number % 2]}"\n---\n\n{sentences}\n'
        )
    (folder / "lock.md").write_text(
        '---\nurl: https://reach.example/lock\ntitle: "Northern lock opens"\n'
        'published_at: 2022-05-02\npublisher: "Upriver Post"\n---\n\n'
        "Harbour master Ottilie Renz opened the northern lock on Monday in front of a crowd.\n"
    )
    with served(place, folder, **READ) as address:
        yield address


def begin(page: Page) -> None:
    """Ask, and wait until the server is at work."""
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.locator("#chat .answer.pending").wait_for()


def tab_to(page: Page, selector: str) -> None:
    """Go forward with the Tab key until `selector` has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached with the Tab key")


def is_stopped(page: Page) -> None:
    """The question is back in its box, and nothing of it comes later."""
    page.locator("#stop").wait_for(state="hidden")
    page.wait_for_function(
        "q => document.querySelector('#question textarea').value === q", arg=QUESTION
    )
    page.wait_for_function("() => document.activeElement.closest('#question')")
    page.wait_for_timeout(LATER_MS)
    assert page.locator("#chat .answer").count() == 0
    assert page.locator("#chat .asked").count() == 0
    assert page.input_value("#question textarea") == QUESTION


def answered(page: Page) -> Locator:
    answer = page.locator(DONE).first
    answer.wait_for(timeout=ANSWER_LIMIT_MS)
    assert "Ottilie Renz" in answer.inner_text()
    return answer


def test_stop_ends_a_question_and_gives_it_back(page: Page) -> None:
    assert not page.locator("#stop").is_visible()
    begin(page)
    page.locator("#stop").click()
    is_stopped(page)
    page.keyboard.press("Enter")
    answered(page)
    assert page.locator("#chat .asked").count() == 1
    assert not page.locator("#stop").is_visible()
    assert page.input_value("#question textarea") == ""


def test_stop_keeps_the_answers_before_it(page: Page) -> None:
    begin(page)
    answered(page)
    begin(page)
    page.locator("#stop").click()
    page.locator("#stop").wait_for(state="hidden")
    page.wait_for_timeout(LATER_MS)
    assert page.locator("#chat .asked").count() == 1
    answered(page)
    page.reload()
    answered(page)
    assert page.locator("#chat .asked").count() == 1


def test_stop_works_from_the_keyboard(page: Page) -> None:
    begin(page)
    tab_to(page, "#stop, #stop *")
    page.keyboard.press("Enter")
    is_stopped(page)


def test_a_new_conversation_ends_a_question_too(page: Page) -> None:
    begin(page)
    page.click("#restart")
    page.get_by_text("Ask the archive").wait_for()
    page.wait_for_timeout(LATER_MS)
    assert page.locator("#chat .answer").count() == 0
    assert not page.locator("#stop").is_visible()


def test_filters_are_set_and_cleared_from_the_keyboard(page: Page) -> None:
    tab_to(page, "#first-day input")
    page.keyboard.type("05012022")  # as the browser's language writes a day: the fields in turn
    assert page.input_value("#first-day input") == "2022-05-01"
    tab_to(page, "#publishers input")
    page.keyboard.type("Upriver")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.focus("#question textarea")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    chips = answered(page).locator(".chips").inner_text()
    assert "Upriver Post" in chips
    assert "1 May 2022" in chips
    tab_to(page, "#clear-filters")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#first-day input').value === ''")


@pytest.mark.parametrize("viewport", [(320, 568), (768, 1024), (844, 390)])
def test_nothing_is_cut_off_or_too_small_to_touch(page: Page, viewport: tuple[int, int]) -> None:
    """320 pixels is also what a page of 1280 is at 400 % (WCAG 1.4.10)."""
    width, _ = viewport
    begin(page)
    inside(page.locator("#stop"), width)
    answer = answered(page)
    answer.locator("button.cite, button.headline").first.click()
    panel = page.locator("#panel section.source")
    panel.wait_for()
    panel.locator("mark.cited").first.wait_for()
    page.get_by_text("Add articles").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for selector in ("#question textarea", "#ask", "#restart", "#clear-filters"):
        inside(page.locator(selector), width)
    inside(panel.locator("button.close"), width)


def inside(target: Locator, width: int) -> None:
    """The whole target lies within the screen's width and is large enough for a finger."""
    box = target.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width + 0.5
    assert min(box["width"], box["height"]) >= SMALLEST_TARGET_PX
