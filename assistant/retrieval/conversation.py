"""Make a follow-up question understandable without its conversation, by rules.

In: a question and the turns before it. Out: a standalone question and words of context for search.
Refuses to know: the archive, dates, models.

Most follow-ups either point back with a pronoun ("Who is her lawyer?"), or leave out what they
share with the question before ("And injured?"). The first get the name; the second take their
counterpart's place in the earlier question (ellipsis.py), or get what was spoken of behind them:
with that question in front, the reader answers it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.retrieval.ellipsis import fill_in
from assistant.types import Turn

_PERSON = re.compile(r"\b(he|she|him|her|his|hers)\b", re.IGNORECASE)
_POSSESSIVE = {"his", "her", "hers"}
_GROUP = re.compile(r"\b(they|them|their|theirs)\b", re.IGNORECASE)
_POINTER = re.compile(
    r"\b(it|its|this|that|those|these|there|then|the (?:same|other|company|group|film|movie|study|"
    r"law|bill|storm|attack|crash|case|report|deal|team|man|woman|victims?))\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:and|but|so|also|or|then|ok|okay|what about|how about)\b[\s,]*", re.IGNORECASE
)
_NAME = re.compile(
    r"(?:[A-Z][\w'’.-]*\w|[A-Z])(?:\s+(?:(?:of|the|de|la|bin|van|von|al)\s+)?(?:[A-Z0-9][\w'’.-]*))*"
)
_QUESTION_WORDS = frozenset(
    "who what when where which why how did does do is was were are has have had can could will "
    "would should in on at by as of for from after before since during about and but the a an "
    "whose whom what's who's according between".split()
)
_NOT_A_PERSON = frozenset(
    "January February March April May June July August September October November December Jan "
    "Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Monday Tuesday Wednesday Thursday Friday "
    "Saturday Sunday University Hospital Center Centre Court House Senate Congress Parliament "
    "Department Ministry Agency Bank Company Inc Corp Committee Council Commission Party "
    "Association Union Street Avenue County City State States Island Islands River Lake Mountain "
    "North South East West New United Airport Airlines School College Museum Church League Cup "
    "Series Games Olympics Act Bill Fire Hurricane Storm Earthquake War Treaty Bridge Stadium FBI "
    "CIA NASA FEMA ICE FDA CDC NATO EU UN US UK USA".split()
)
_FEW_WORDS = 10
_SHORT_ANSWER = 12
_TURNS = 3
_NAME_WORDS, _MOST_NAMES = 8, 10


class Standalone(NamedTuple):
    """`question` reads by itself; `context` adds earlier words for search, "" where none help."""

    question: str
    context: str


def resolve(question: str, history: Sequence[Turn]) -> Standalone:
    """Resolve a follow-up against the last turns; a question that stands alone comes back as is."""
    turns = [turn for turn in history if turn.question.strip()][-_TURNS:]
    if not turns or not _leans_back(question):
        return Standalone(question, "")
    context = " ".join(f"{turn.question} {turn.answer}" for turn in turns)
    bare = _OPENING.sub("", question).strip()
    person = _last_person(turns)
    if person and _PERSON.search(bare):
        replaced = _PERSON.sub(lambda match: _stand_in(match[0], person), bare, count=1)
        return Standalone(_capitalised(replaced), context)
    topic = turns[-1].question.strip()
    if len(turns) > 1 and _leans_back(topic):
        topic = resolve(topic, turns[:-1]).question
    filled = fill_in(question.strip(), topic)
    if filled:
        return Standalone(filled, context)
    spoken_of = _spoken_of(turns)
    subject = ", ".join(spoken_of) if spoken_of else topic
    return Standalone(f"{_capitalised(bare or question.strip())} ({subject})", context)


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
        while words and words[0].lower() in _QUESTION_WORDS:
            words.pop(0)
        if words:
            found.append(re.sub(r"['’]s$", "", " ".join(words)).rstrip(".,"))
    return found


def _leans_back(question: str) -> bool:
    """Whether the question needs the conversation to be understood."""
    if _OPENING.match(question):
        return True
    for pointer, found in ((_PERSON, _people), (_GROUP, names)):
        match = pointer.search(question)
        if match and not found(question[: match.start()]):
            return True
    if names(question):
        return False
    # Without a single name, a question with a pointer or of few words leaves something out.
    return bool(_POINTER.search(question)) or len(re.findall(r"\w+", question)) <= _FEW_WORDS


def _people(text: str) -> list[str]:
    """Names that may be a person's: one to four words, no institution, place suffix or date."""
    return [
        name
        for name in names(text)
        if len(name.split()) <= 4
        and not any(
            re.sub(r"['’]s$", "", word) in _NOT_A_PERSON or word[0].isdigit()
            for word in name.split()
        )
    ]


def _last_person(turns: Sequence[Turn]) -> str | None:
    """The person most lately spoken of: a short answer's name, else the question's."""
    for turn in reversed(turns):
        short_answer = turn.answer if len(turn.answer.split()) <= _SHORT_ANSWER else ""
        for text in (short_answer, turn.question, turn.answer):
            full = [name for name in _people(text) if len(name.split()) > 1]
            if full:
                return full[-1]
    single = [name for turn in turns for name in _people(turn.question)]
    return single[-1] if single else None


def _stand_in(pronoun: str, person: str) -> str:
    return f"{person}'s" if pronoun.lower() in _POSSESSIVE else person


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
