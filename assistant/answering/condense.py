"""A follow-up question made to stand alone by a language model.

In: a question, the turns before it, a way to ask. Out: the question rewritten, or None.
Refuses to know: the archive. The rules of `retrieval.conversation` stay in force where this gives
None: a rewriting may add no word that the conversation does not have, and may lose none of the
question's own, so that no article text or invention gets into what is searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.answering.claims import ASKING, Claims, claims
from assistant.answering.fencing import Fence
from assistant.answering.prompts import Prompt
from assistant.errors import QuestionError
from assistant.retrieval.query import clean_question
from assistant.types import Turn

VARIABLES = ("conversation", "fence", "question")
_TURNS = 3


def condense(
    question: str, history: Sequence[Turn], prompt: Prompt, ask: Callable[[str], str]
) -> str | None:
    """The question as it reads without its conversation; None where the rules should decide.

    Raises LanguageModelError, as `ask` does.
    """
    turns = [turn for turn in history if turn.question.strip()][-_TURNS:]
    if not turns:
        return None
    fence = Fence()
    reply = ask(
        prompt.fill(
            fence=fence.mark,
            conversation=fence.turns(turns),
            question=fence.around("question", question),
        )
    )
    return _usable(reply, question, turns)


def _usable(reply: str, question: str, turns: Sequence[Turn]) -> str | None:
    lines = [line for line in reply.strip().split("\n") if line.strip()]
    if len(lines) != 1:
        return None
    try:
        rewritten = clean_question(lines[0].strip().strip('"“”*`'))
    except QuestionError:
        return None
    said = " ".join(f"{turn.question} {turn.answer}" for turn in turns)
    return rewritten if _same_words(claims(rewritten), claims(question), claims(said)) else None


def _same_words(rewritten: Claims, question: Claims, said: Claims) -> bool:
    return (
        bool(rewritten.words)
        and question.stems <= rewritten.stems
        and rewritten.stems <= question.stems | said.stems | ASKING
        and rewritten.polar == question.polar
    )
