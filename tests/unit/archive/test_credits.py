"""Agencies are credited in the trade's forms; whoever the copies credit leads."""

from __future__ import annotations

import pytest

from assistant.archive.credits import credited_agency, lead_first
from tests.conftest import article, day

BODY = "The council of Marlow voted on Tuesday.\n\nMayor Ada Finch cheered."


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        (f"LONDON, May 3 (Reuters) - {BODY}", "reuters"),
        (f"(Reuters) – {BODY}", "reuters"),
        (f"MARLOW (AP) — {BODY}", "ap"),
        (f"By The Associated Press\n\n{BODY}", "ap"),
        (f"Source: AFP\n\n{BODY}", "afp"),
        (f"{BODY} (dpa)", "dpa"),
        (f"{BODY}\n\n© Agence France-Presse", "afp"),
        (BODY, None),
        (f"MARLOW (the town on the Odder) - {BODY}", None),
        (f"{BODY} Reuters reported it first.", None),
        (f"By Ada Quill\n\n{BODY}", None),
    ],
)
def test_credits(text: str, agency: str | None) -> None:
    assert credited_agency(article(text=text)) == agency


def test_a_byline_field_credits_too() -> None:
    assert credited_agency(article(text=BODY, authors=("Associated Press",))) == "ap"


def test_the_lead_is_the_same_in_any_order() -> None:
    post = article(1, publisher="Post", published_at=day("2024-05-14"))
    wire = article(2, publisher="AP", published_at=day("2024-05-15"))
    mail = article(3, publisher="Mail", published_at=None, text=f"MARLOW (AP) — {BODY}")
    for order in ([post, wire, mail], [mail, wire, post], [wire, mail, post]):
        assert [one.publisher for one in lead_first(order)] == ["AP", "Post", "Mail"]
    assert [one.publisher for one in lead_first([mail, post])] == ["Post", "Mail"]
