"""Yes/no questions about what several reports say: "Does the Post article claim A, while the Times
story says B?".

In: a question, the names of its sources. Out: the question about each report, or none.
Refuses to know: how a part is answered (polar.py).

No passage tells of two reports, so each part is asked of its own source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.polar import polar_question
from assistant.retrieval.sources import ITEM, mentions

_ITEM = re.compile(rf"\b(?:{ITEM}|sources?\b)", re.IGNORECASE)
_AUXILIARY = r"(?:does|do|did|is|are|was|were|has|have)"
_JOINED = re.compile(
    rf",?\s+(?:while|whereas)\s+(?:also\s+)?|,\s+(?:and|but)\s+(?={_AUXILIARY}\s)", re.IGNORECASE
)
_ASKS = re.compile(rf"{_AUXILIARY}\s", re.IGNORECASE)
# Which report is meant (a capital, but not the clause's first letter), as "the post was vacant" and
# "the story ran" do not say.
_WHICH = re.compile(r"[A-Z]|\b(?:another|other|second|third|later|latter)\b")
# "While she …", "while also mentioning …", "while the Post story doesn't" are no questions alone.
_DEPENDENT = re.compile(
    rf"(?:he|she|it|they|(?-i:[a-z])\w*ing)\s|.*\b{_AUXILIARY}(?:n['’]t|\s+not)?$", re.IGNORECASE
)
_LONGEST_CHARS = 800
_MOST_PARTS = 4


def report_questions(question: str, sources: Sequence[str] = ()) -> tuple[str, ...]:
    """The yes/no question about each report; () where the question is not about several.

    `sources` are publishers that the question names: "while the Post says" is about a report too.
    """
    if len(question) > _LONGEST_CHARS or not polar_question(question):
        return ()
    clauses = [clause.strip(" ,?.") for clause in _JOINED.split(question)]

    def about_report(clause: str) -> bool:
        named = any(mentions(clause, source) for source in sources)
        return named or bool(_ITEM.search(clause) and _WHICH.search(clause[1:]))

    if not 1 < len(clauses) <= _MOST_PARTS or not all(map(about_report, clauses)):
        return ()
    if any(map(_DEPENDENT.match, clauses[1:])):
        return ()
    return (f"{clauses[0]}?", *map(_as_question, clauses[1:]))


def _as_question(clause: str) -> str:
    if _ASKS.match(clause):
        return f"{clause[0].upper()}{clause[1:]}?"
    return f"Is it true that {clause}?"
