"""What is embedded and indexed beside a passage's own words: its headline and its date.

In: headline, date, text. Out: one string. The header is never part of the quotable text.
"""

from __future__ import annotations

from datetime import date, datetime


def written_date(when: date | None) -> str:
    """A date as a person writes it in a question, "21 September 2022"; empty without one."""
    return f"{when.day} {when:%B %Y}" if when else ""


def embedded_text(title: str, published_at: datetime | None, text: str) -> str:
    """Headline, date and passage on lines of their own."""
    lines = [title, written_date(published_at), text]
    return "\n".join(line for line in lines if line)
