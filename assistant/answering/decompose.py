"""A question that asks several things, taken apart by a language model.

In: a question, a way to ask. Out: its parts, none where it asks one thing.
Refuses to know: the archive. Parts may use only words of the question, so that nothing is searched
for that was not asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from assistant.answering.claims import ASKING, claims
from assistant.answering.fencing import Fence
from assistant.answering.prompts import Prompt
from assistant.errors import QuestionError
from assistant.retrieval.query import clean_question

VARIABLES = ("fence", "most", "question")
_MOST_PARTS = 4
# Questions without any of these ask one thing, and need no call.
_SEVERAL = re.compile(r"\b(?:and|or|also|as well as|versus|compared)\b|;|\?.*\?", re.IGNORECASE)


def decompose(question: str, prompt: Prompt, ask: Callable[[str], str]) -> list[str]:
    """Two to four questions, or none where this one is to be asked as it is.

    Raises LanguageModelError, as `ask` does.
    """
    if not _SEVERAL.search(question):
        return []
    fence = Fence()
    reply = ask(
        prompt.fill(
            fence=fence.mark, most=str(_MOST_PARTS), question=fence.around("question", question)
        )
    )
    return _usable(reply, question)


def _usable(reply: str, question: str) -> list[str]:
    found = reply[reply.find("[") : reply.rfind("]") + 1]
    try:
        parts = json.loads(found)
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            return []
        cleaned = list(dict.fromkeys(clean_question(part) for part in parts))
    except (ValueError, RecursionError, QuestionError):
        return []
    allowed = claims(question).stems | ASKING
    fitting = all(claims(part).words and claims(part).stems <= allowed for part in cleaned)
    return cleaned if fitting and 2 <= len(cleaned) <= _MOST_PARTS else []
