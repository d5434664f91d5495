"""Take docs/images/chat.png from a running chat: python tests/e2e/screenshot.py ADDRESS QUESTION.

In: the address of a served archive, a question it answers. Out: the page with the answer and its
first source open, 1280 by 800.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import FLAGS, find_browser

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "chat.png"


def main(address: str, question: str) -> None:
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.get_by_text("Archive as of").wait_for()
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.locator("#chat .answer button.cite").first.click()
        page.locator("#panel mark.cited").first.wait_for()
        page.mouse.move(640, 60)
        page.wait_for_timeout(900)  # the smooth scroll to the passage
        page.screenshot(path=IMAGE)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
