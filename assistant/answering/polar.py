"""Yes/no questions: "Did Pence endorse anybody?", "Is the pass free on Sundays?".

In: a question, Readings. Out: a Draft that says Yes or No beside the sentence it rests on, the
sentence alone where that cannot be told, or None where this is no such question.
Refuses to know: models, indexes, pages.

The reader finds the passage; the sentence in it that shares most with the question is quoted. The
verdict is no more than its polarity: a sentence that denies, refuses, forbids or lacks says No,
unless the question asks in those words itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.answering.citations import CitationList
from assistant.answering.extractive import Draft, relevance_shares
from assistant.sentences import Span, sentence_spans
from assistant.types import Article, Reading

_AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might|must)"
    r"(?:n['’]t)?"
)
_LEAD_IN = (
    r"(?:(?:and|so|but)\s+)?"
    r"(?:(?:as of|by|in|on|at|after|before|when|while|if|according to)\b[^,?]{3,80},\s+)?"
)
_ASKS = re.compile(rf"^{_LEAD_IN}{_AUXILIARY}\s+\S.*\?*$", re.IGNORECASE)
_OPEN = re.compile(r"[,;]\s*(?:why|how|who|whom|whose|what|when|where|which)\b", re.IGNORECASE)
_ALTERNATIVES = re.compile(r"\bor\b(?!\s+not\b)", re.IGNORECASE)
# Chosen on the yes/no questions of the reader's training set (docs/decisions.md).
_NEGATIVE = re.compile(
    r"(?P<cue>\b(?:not|no|never|none|nobody|neither|nor|cannot|without|unlikely|except|unable|"
    r"instead|false|untrue|hardly|rarely|unchanged|refus|reject|den(?:y|ies|ied)|declin|fail|stop|"
    r"lack|avoid|dismiss|disput|exempt|ban|barred|prohibit|prevent|illegal|cancel|drop|oppos|"
    r"exclud|only|rather))\w*|n['’]t\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never)\b|n['’]t\b", re.IGNORECASE)
# Of the question's content words, the share that passage and sentence must hold for a verdict.
_LEAST_SHARED = 0.5
_PASSAGES = 5
_FUNCTION_WORDS = frozenset(
    "the a an and or of in on at to for from by with about into over after before as that this "
    "these those there their his her its our your they them he she it we you i who whom which what "
    "when where why how any some all both anyone anybody already still ever yet also just than "
    "then so if be been being is are was were am do does did has have had can could will would "
    "should may might must get got".split()
)


def polar_question(question: str) -> bool:
    """Whether the question asks for yes or no (not for one of several things it names)."""
    if _ALTERNATIVES.search(question) or _OPEN.search(question):
        return False
    return bool(_ASKS.match(question))


def compose_polar(
    question: str,
    readings: Sequence[Reading],
    confidence: float,
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The verdict with its sentence; None for another kind of question or nothing to quote.

    `readings` come best first.
    """
    if not polar_question(question):
        return None
    best = _telling_sentence(question, readings)
    if best is None:
        return None
    reading, span = best
    citations = CitationList(find_article)
    at = reading.passage.start
    citation = citations.cite(reading.passage, at + span.start, at + span.end)
    if citation is None:
        return None
    known = _content(f"{reading.passage.title} {reading.passage.text}")
    asked = _content(question)
    told = len(asked & known) >= _LEAST_SHARED * len(asked)
    answer = verdict(question, citation.quote) if told else citation.quote
    return Draft(
        answer, (f"{citation.quote} [{citation.number}]",), citations.all(), (), confidence
    )


def verdict(question: str, sentence: str) -> str:
    """Yes or No, by whether the sentence is negative where the question is not."""
    asked = {_cue(match) for match in _NEGATIVE.finditer(question)}
    negative = any(_cue(match) not in asked for match in _NEGATIVE.finditer(sentence))
    turned = bool(_NOT.search(question)) and not _NOT.search(sentence)
    return "No" if negative != turned else "Yes"


def _cue(match: re.Match[str]) -> str:
    cue = (match["cue"] or "not").casefold()
    return "not" if cue == "cannot" else cue


def _telling_sentence(question: str, readings: Sequence[Reading]) -> tuple[Reading, Span] | None:
    """The sentence that shares most with the question, in the passages that are judged best."""
    asked = _content(question)
    shares = relevance_shares([reading.passage.score for reading in readings[:_PASSAGES]])
    found: tuple[float, Reading, Span] | None = None
    for share, reading in zip(shares, readings, strict=False):
        text, first = reading.passage.text, reading.passage.start
        for span in sentence_spans(text):
            sentence = text[span.start : span.end]
            shared = len(asked & _content(sentence)) / max(1, len(asked))
            # Where the reader's span lies counts like half of the question's words.
            spanned = first + span.start < reading.end and reading.start < first + span.end
            fit = share * (shared + 0.5 * spanned)
            if found is None or fit > found[0]:
                found = (fit, reading, span)
    return (found[1], found[2]) if found else None


def _content(text: str) -> set[str]:
    """Content words by their first six letters: "endorsement" meets "endorsed"."""
    words = re.findall(r"\w+", text.casefold())
    return {word[:6] for word in words if word not in _FUNCTION_WORDS}
