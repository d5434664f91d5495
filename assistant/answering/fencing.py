"""Text of others, fenced off as data in a prompt.

In: passages, questions, conversations. Out: text between marks that nothing in it can forge.
Refuses to know: what is asked of the language model.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence

from assistant.answering.marked import MARK
from assistant.archive.header import written_date
from assistant.types import Passage, Turn

_MARK_BYTES = 8
# Lists and ranges of numbers, beside what is read as a mark (marked.py).
_NUMBERED = re.compile(r"[\[【]\s*\d+(?:\s*[,;–-]\s*\d+)*\s*[\]】]")


class Fence:
    """The marks of one prompt: a random word, drawn anew for each, that no article can know."""

    def __init__(self) -> None:
        self.mark = f"data-{secrets.token_hex(_MARK_BYTES)}"

    def around(self, label: str, text: str) -> str:
        """The text between an opening and a closing mark."""
        return f"<{self.mark} {label}>\n{harmless(text)}\n</{self.mark}>"

    def passages(self, passages: Sequence[Passage]) -> str:
        """Passages numbered from 1, each with its headline, publisher and date."""
        return "\n\n".join(
            self.around(
                f"passage [{number}]",
                f"Headline: {_one_line(passage.title)}\n"
                f"Publisher: {_one_line(passage.publisher or 'not named')}\n"
                f"Date: {written_date(passage.published_at) or 'undated'}\n\n{passage.text}",
            )
            for number, passage in enumerate(passages, 1)
        )

    def turns(self, turns: Sequence[Turn]) -> str:
        """Earlier questions with their answers, in order."""
        return self.around(
            "conversation",
            "\n".join(
                f"Question: {_one_line(turn.question)}\nAnswer: {_one_line(turn.answer)}"
                for turn in turns
            ),
        )


def harmless(text: str) -> str:
    """The text without what could pass for a mark, a citation number or a hidden message.

    Characters that nobody sees are dropped, angle brackets become ‹ ›, and "[2]" becomes "(2)".
    """
    seen = "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character)[0] != "C"
    )
    seen = seen.replace("<", "‹").replace(">", "›")
    for mark in (MARK, _NUMBERED):
        seen = mark.sub(lambda found: f"({found[0][1:-1]})", seen)
    return seen


def _one_line(text: str) -> str:
    return " ".join(text.split())
