"""Yes/no questions: "Did Pence endorse anybody?", "Is the pass free on Sundays?".

In: a question, Readings. Out: a Draft that says Yes or No beside the sentence it rests on, the
sentence alone where that cannot be told, or None where this is no such question.
Refuses to know: models, indexes, pages.

The reader finds the passage; the sentence in it that shares most with the question is quoted. Only
where it has most words of the question is there a verdict, and that is no more than its polarity: a
sentence that denies, refuses, forbids or lacks says No, unless the question asks in those words.
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
# Right 7 times of 7 on those questions with their gold sentence, at 0.5 13 of 13, at 0.3 32 of 38.
_LEAST_SHARED = 0.6
_NAME = re.compile(r"(?<!^)\b[A-Z]\w*|\b\d+\b")
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
    known = f"{reading.passage.title} {reading.passage.text}"
    answer = citation.quote
    if _tells(question, citation.quote, known):
        answer = verdict(question, citation.quote)
    return Draft(
        answer, (f"{citation.quote} [{citation.number}]",), citations.all(), (), confidence
    )


def verdict(question: str, sentence: str) -> str:
    """Yes or No, by whether the sentence is negative where the question is not."""
    asked = {_cue(match) for match in _NEGATIVE.finditer(question)}
    negative = any(_cue(match) not in asked for match in _NEGATIVE.finditer(sentence))
    turned = bool(_NOT.search(question)) and not _NOT.search(sentence)
    return "No" if negative != turned else "Yes"


def _tells(question: str, sentence: str, passage: str) -> bool:
    """Whether the sentence has most content words of the question; names and numbers may stand
    elsewhere in its passage.
    """
    names = _content(" ".join(_NAME.findall(question)))
    words = _content(question) - names
    told = len(words & _content(sentence)) >= _LEAST_SHARED * len(words)
    return told and names <= _content(passage)


def _cue(match: re.Match[str]) -> str:
    cue = (match["cue"] or "not").casefold()
    return "not" if cue == "cannot" else cue[:3]


def _telling_sentence(question: str, readings: Sequence[Reading]) -> tuple[Reading, Span] | None:
    """The sentence that shares most with the question, in the passages that are judged best.

    A word counts the less, the more of their sentences have it: many tell of the kiss, one of
    consent.
    """
    shares = relevance_shares([reading.passage.score for reading in readings[:_PASSAGES]])
    sentences = [
        (share, reading, span, _content(reading.passage.text[span.start : span.end]))
        for share, reading in zip(shares, readings, strict=False)
        for span in sentence_spans(reading.passage.text)
    ]
    weights = {
        word: 1 / (1 + sum(word in content for *_, content in sentences))
        for word in _content(question)
    }
    whole = sum(weights.values()) or 1.0

    def fit(share: float, reading: Reading, span: Span, content: set[str]) -> float:
        shared = sum(weight for word, weight in weights.items() if word in content) / whole
        at = reading.passage.start
        # Where the reader's span lies counts like a quarter of the question's words.
        spanned = at + span.start < reading.end and reading.start < at + span.end
        return share * (shared + 0.25 * spanned)

    best = max(sentences, key=lambda sentence: fit(*sentence), default=None)
    return (best[1], best[2]) if best else None


def _content(text: str) -> set[str]:
    """Content words by their first six letters: "endorsement" meets "endorsed"."""
    words = re.findall(r"\w+", text.casefold())
    return {word[:6] for word in words if word not in _FUNCTION_WORDS}
