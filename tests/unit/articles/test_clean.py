"""Furniture goes, the report stays."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.articles import clean_text
from assistant.articles.clean import plain

REPORT = (
    "The council of Marlow voted for a new bridge on Tuesday, ending a dispute of nine years.\n\n"
    "Mayor Ada Finch said work would begin in May. The Gazette has asked the builder for comment."
)
PAGE = f"""Marlow Bridge Council Vote
Mayor Ada Finch stands beside the old bridge before the vote on... J. Ode/AFP/Getty Images

{REPORT}

Read more: Nine years of bridge plans
Advertisement

Sign up for our morning newsletter

Plain Speaking

The Gazette believes in asking plain questions and printing the answers it is given.

The Gazette believes in asking plain questions and printing the answers it is given.

About the writer

Jo Ode is a reporter for the Gazette who covers local government ... Read more

• Gazette magazine delivered to your door
• Enjoy ad-free browsing
"""


def test_furniture_around_a_report_goes() -> None:
    cleaned = clean_text(PAGE)
    assert cleaned.startswith("The council of Marlow voted")
    assert "asked the builder for comment." in cleaned
    for furniture in ("Getty", "Read more", "Advertisement", "newsletter", "Jo Ode is", "ad-free"):
        assert furniture not in cleaned


@pytest.mark.parametrize(
    "sentence",
    [
        "Read more books, the minister told schools, and watch less television.",
        "She told Reuters that the talks had failed.",
        "Shares of Facebook fell after the report.",
        "He has reached out to the ministry for comment.",
        "The newsletter was founded in 1923 by two miners.",
        "Advertising revenue fell by 9 percent.",
        "By continuing the strike, nurses hope to force the ministry back to the table.",
        "By signing up 5,000 volunteers, the campaign reached every village in the valley.",
        "Groceries will be delivered to your door in ten minutes, the company promised regulators.",
        "Signed up to the accord in 2016, the country has missed every target since.",
        "The minister resigned on Monday, according to a statement distributed via Reuters.",
        "Evan Marsh is a Gazette reporter who was jailed in March... His trial opens on Monday.",
        "Click here to pay, the message told victims, and thousands did.",
        "Related: the minister's brother was charged with fraud.",
        "Video: police released 40 seconds of footage on Monday.",
        "Copyright 2019 law changes were struck down by the court on Friday.",
        "This site uses cookies as evidence that bakers lived here, archaeologists said.",
        "Subscribe to that view at your peril, the senator said.",
    ],
)
def test_sentences_that_look_like_furniture_stay(sentence: str) -> None:
    assert sentence in clean_text(f"{REPORT}\n\n{sentence}\n\n{REPORT[:80]} again.")


@pytest.mark.parametrize(
    "line",
    [
        "Mayor Ada Finch at the bridge. J. Ode/AFP/Getty Images",
        "Mayor Ada Finch at the bridge J. Ode via Getty Images",
        "More:Who won the bridge vote in Marlow?",
        "Read more: Nine years of bridge plans",
        "By clicking Submit you agree to our terms.",
        "This site uses cookies to improve your visit.",
        "Sign up for our newsletter, with the best of each week.",
        "Jo Ode is a reporter for the Gazette. Follow her on X @joode.",
        "• Gazette magazine delivered to your door",
        "© 2024 The Gazette. All rights reserved.",
    ],
)
def test_furniture_lines_go(line: str) -> None:
    assert clean_text(f"{REPORT}\n\n{line}\n\n{REPORT[:80]} again.").count("\n\n") == 2


def test_a_caption_cut_short_goes_with_the_credit_below_it() -> None:
    page = f"Mayor Ada Finch stands beside the old...\n\nJ. Ode/AFP/Getty Images\n\n{REPORT}"
    assert clean_text(page) == REPORT


def test_a_heading_amid_the_report_does_not_end_it() -> None:
    rest = "The builder said on Friday that the price had risen twice since the plan was announced."
    for heading in ("Comments", "Sign up for our newsletter", "Related articles"):
        page = f"{REPORT}\n\n{heading}\n\n{rest}\n\nIt all ends before the winter."
        assert clean_text(page).endswith(f"{rest}\n\nIt all ends before the winter.")
    page = f"{REPORT}\n\nRelated articles\n\nNine years of plans\n\nWho pays for bridges"
    assert clean_text(page) == REPORT


@pytest.mark.parametrize(
    "piece",
    [
        "A",
        "A ",
        "Abc ",
        "Aa, ",
        "A via ",
        "/AFP",
        "Abc is a ",
        "x" * 60 + "\n",
        "Comments\n",
        "... ",
    ],
)
def test_no_text_takes_the_square_of_its_length(piece: str) -> None:
    start = time.process_time()
    clean_text(piece * (300_000 // len(piece)))
    assert time.process_time() - start < 5


def test_hard_wrapped_lines_become_a_paragraph() -> None:
    wrapped = (
        "The council of Marlow voted for a new bridge on Tuesday,\n"
        "ending a dispute that had lasted for nine years and cost\n"
        "two mayors their office."
    )
    assert "\n" not in clean_text(wrapped)


def test_hidden_characters_go() -> None:
    assert plain("safe\u202etext\u200b\x07 a\u00a0b") == "safetext a b"
    assert clean_text("cafe\u0301 opened in Marlow.") == "café opened in Marlow."


@given(st.text(max_size=400))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


PIECES = [
    REPORT.split("\n\n")[0],
    "The builder said on Friday that the price had risen twice since the plan was made.",
    "Related articles", "About the writer", "Comments", "Uncommon Knowledge", "Advertisement",
    "Marlow Bridge Council Vote", "The mayor beside the...", "J. Ode/AFP/Getty Images",
    "More:Who won?", "• ", "-", "Read more", "a\u200b", "\u202e", "e\u0301", "...",
    "The council of Marlow voted for a new bridge on Tuesday,\nending a dispute of nine years, it",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(["\n", "\n\n", " "]))
def test_cleaning_a_page_twice_changes_nothing(pieces: list[str], gap: str) -> None:
    cleaned = clean_text(gap.join(pieces))
    assert clean_text(cleaned) == cleaned


def test_the_seed_article(shared: Path) -> None:
    raw = (shared / "seed" / "newsweek-arms-denial.txt").read_text("utf-8")
    cleaned = clean_text(raw)
    report, footer = raw.split("for comment.")
    assert cleaned.endswith("for comment.")
    kept = " ".join(cleaned.split())
    # Two paragraphs of the page above the footer are furniture: the keyword line and the caption.
    lost = [p for p in report.split("\n") if p.strip() and " ".join(p.split()) not in kept]
    assert [p[:12] for p in lost] == ["North Korea ", "North Korean"]
    assert "Getty" in lost[1]
    for line in footer.splitlines():
        assert len(line) < 20 or line.strip() not in cleaned
    for fact in ("On Wednesday", "September 6 briefing", "denied purchasing any arms"):
        assert fact in cleaned


@pytest.mark.parametrize(
    ("folder", "lost_at_most"),
    # One "quote" of the training set is a photo's caption.
    [("newsdesk-dev", 0), ("reader/newsdesk-train", 1)],
)
def test_no_gold_quote_is_lost(shared: Path, folder: str, lost_at_most: int) -> None:
    with gzip.open(shared / folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = {a["url"]: a["text"] for a in map(json.loads, lines)}
    cleaned: dict[str, str] = {}
    lost = []
    for line in (shared / folder / "questions.jsonl").read_text("utf-8").splitlines():
        for evidence in json.loads(line)["evidence"]:
            url = evidence["url"]
            if url not in cleaned:
                cleaned[url] = " ".join(clean_text(articles[url]).split())
            if " ".join(plain(evidence["quote"]).split()) not in cleaned[url]:
                lost.append(evidence["quote"])
    assert len(lost) <= lost_at_most
