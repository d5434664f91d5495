"""Tell a follow-up question from one that stands alone, and put beside it what was said before.

In: a question and the turns before it. Out: the question, and the earlier turns' words where it
leans on them. Refuses to know: the archive, dates, how leaning is learnt.

No word of the question is replaced. The reader was trained on follow-ups with what was said before
behind them and knows better than rules who "she" is (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.retrieval.leaning import leaning
from assistant.types import Turn

# "Which state does that congressman represent?", not "the fire that destroyed Paradise" (what is
# before it is no noun), "at this year's Open", "those killed in Gaza".
_DEMONSTRATIVE = re.compile(
    r"\b(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|for|of|in|at|by|with|from|"
    r"to|on|about)\s+(?:that|this|these|those)\s+"
    r"(?!(?:who|whose|in|on|at|of|to|with|years?|weeks?|months?|days?|time|seasons?|morning|"
    r"afternoon|evening|spring|summer|fall|autumn|winter|is|are|was|were|has|have|had)\b|\w+ed\b)"
    r"(?-i:[a-z])",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:and|but|also|or|then|ok|okay|so(?!\s+(?:far|many|much|called))|what about|how about)\b"
    r"(?!-)[\s,]*",
    re.IGNORECASE,
)
# A large letter, with or without an accent.
CAPITAL = r"[^\W\d_a-zß-ÿ]"
_NAME = re.compile(
    rf"\b(?:{CAPITAL}[\w'’.-]*\w|{CAPITAL})"
    rf"(?:\s+(?:(?:of|the|de|la|bin|van|von|al)\s+)?(?:(?:{CAPITAL}|\d)[\w'’.-]*))*"
)
_QUESTION_WORDS = frozenset(
    "who what when where which why how did does do is was were are has have had can could will "
    "would should in on at by as of for from after before since during about and but the a an "
    "whose whom according between".split()
)
# Capitals that tell nothing: of a first word ("Price?", "Starting when?"), or of "I" and "CEO".
_NO_NAMES = frozenset(
    "Age Aged Amount Another Any Anybody Anyone Anything Cause Cost Date Day Deaths Describe "
    "Details Elaborate Ending Exactly Explain Final First Following Full Give Go Including "
    "Injuries Just Last Length Like List Location Meaning More Motive Name Names Next Number Odds "
    "Only Other Others Population Price Reason Result Salary Same Score Show Since Size Somebody "
    "Someone Source Starting Still Tell Time Title Total Until Using Victims Weight Winner Year "
    "CEO CFO COO GDP I MVP QB TV".split()
)
# Log-odds above which a question is taken for a follow-up: missing one costs its answer, the
# earlier turns beside a question that stands alone cost little (docs/decisions.md).
LEANS = -1.5
_TURNS = 3
_NAME_WORDS, _MOST_NAMES = 8, 10


class Standalone(NamedTuple):
    """A question made to read by itself.

    `question` is for people and language models: it ends in what was spoken of, in brackets.
    `core` is the same without the brackets, to be searched and read beside `context`, the earlier
    turns' words, latest first ("" for a question that stands alone).
    """

    question: str
    core: str
    context: str


def resolve(question: str, history: Sequence[Turn]) -> Standalone:
    """The question with what the last turns said, where it leans on them; else as it is."""
    turns = [turn for turn in history if turn.question.strip()][-_TURNS:]
    if not turns or not leans_back(question):
        return Standalone(question, question, "")
    context = " ".join(f"{turn.question} {turn.answer}".strip() for turn in reversed(turns))
    bare = _OPENING.sub("", question).strip()
    core = bare[0].upper() + bare[1:] if re.search(r"\w", bare) else question
    subject = ", ".join(_spoken_of(turns)) or turns[-1].question.strip()
    return Standalone(f"{core} ({subject})", core, context)


def _spoken_of(turns: Sequence[Turn]) -> list[str]:
    """Names in the earlier questions, and the short answers, in the order they came up."""
    found = []
    for turn in turns:
        found += names(turn.question)
        if turn.answer and len(turn.answer.split()) <= _NAME_WORDS:
            found.append(turn.answer.strip().rstrip("."))
    return list(dict.fromkeys(found))[-_MOST_NAMES:]


def names(text: str) -> list[str]:
    """Runs of capitalised words that look like names, in order, question words left out."""
    found = []
    for match in _NAME.finditer(text):
        words = match[0].split()
        while words and _without_s(words[0]).lower() in _QUESTION_WORDS:
            words.pop(0)
        if words and " ".join(words) not in _NO_NAMES:
            found.append(_without_s(" ".join(words)).rstrip(".,"))
    return found


def _without_s(words: str) -> str:
    return re.sub(r"['’]s$", "", words)


def leans_back(question: str) -> bool:
    """Whether the question needs the conversation to be understood."""
    return bool(_DEMONSTRATIVE.search(question)) or leaning(question) > LEANS
