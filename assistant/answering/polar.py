"""Yes/no questions: "Did Pence endorse anybody?", "Is the pass free on Sundays?".

In: a question, Readings. Out: a Draft with the sentence that settles it, or None where this is no
such question. Refuses to know: models, indexes, pages.

The sentence is the answer, not Yes or No. On 379 questions that differ from what their passage says
in one detail or none, neither the polarity of the sentence (51 % right) nor a head that was trained
for it (58 %) could tell (docs/decisions.md), and a wrong Yes is worse than a sentence to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answering.citations import CitationList
from assistant.answering.extractive import Draft, relevance_shares
from assistant.answering.several import together
from assistant.sentences import Span, sentence_spans
from assistant.types import Article, Read, Reading

_AUXILIARY = (
    r"(?:(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|"
    r"might|must|ought)(?:n['’]t)?|(?:can|won)['’]t)"
)
_ASKING = r"(?:why|how|who|whom|whose|what|when|where|which)\b"
_PREPOSITION = r"(?:(?:at|by|for|from|in|of|on|since|to|under|with)\s+)?"
# "In which year, according to Fry, did …" asks what "In May, according to Fry, did …" does not.
_LEAD_IN = (
    r"(?:(?:and|so|but|also|then|now|well|ok|okay),?\s+)?"
    r"(?:(?:as|by|in|on|at|after|before|when|while|if|since|according to|between|following|despite|"
    r"although|though|because|during|under|over|with|without|within|once|until|unless|upon|from|"
    r"for|given|considering|based on|last|this|yesterday|today)\b"
    rf"(?:(?<=day)|(?!,))(?!\s+(?:of\s+)?{_ASKING})[^?]{{0,500}}?,\s+)?"
)
_ASKS = re.compile(rf"^{_LEAD_IN}{_AUXILIARY}\s+\S.*\?*$", re.IGNORECASE)
# "Did Fry, who led the inquiry, resign?" asks whether, "With Fry gone, who led it, …?" asks who.
_RELATIVE = re.compile(
    rf",\s*{_PREPOSITION}(?:who|whom|whose|which|where|when)\s+"
    r"(?!(?:did|do|does|can|could|will|would|should|may|might|must)\b)[^,;?]+,\s+"
    r"(?!(?:and|but|or)\b)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    rf"(?:[,;]\s*(?:(?:and|but)\s+)?(?:if so,?\s+)?{_PREPOSITION}|\.\s+(?=(?-i:[HW]))){_ASKING}|"
    r"\band\s+(?:if so,?\s+)?(?:why|how|when|where|who)\s*\?*$",
    re.IGNORECASE,
)
# "Can you tell me who won?", but not "Can you tell me whether he won?".
_INDIRECT = re.compile(
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?"
    r"(?:(?:tell|give|show)\s+(?:me|us)|explain|summari[sz]e|describe|list|name)|"
    r"(?:do|does)\s+(?:you|we|anyone|anybody)\s+(?:\w+\s+)?know|"
    rf"is\s+it\s+(?:yet\s+)?known\s+{_ASKING}|(?:can|may)\s+i\s+(?:ask|know))\b"
    r"(?![^?]*\b(?:if|whether)\b)",
    re.IGNORECASE,
)
# "Was anyone killed or injured?" names no things to choose from.
_ALTERNATIVES = re.compile(r"\bor\b(?!\s+(?:not|more|less|so|any\w*)\b)", re.IGNORECASE)
_ANY = re.compile(rf"\bany\w*\s+(?:\w+\s+){{1,2}}or\s+(?!{_AUXILIARY}\b)\w+", re.IGNORECASE)
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

    def beside(clause: re.Match[str]) -> str:
        return ", " if _ASKS.match(question[: clause.start()]) else clause[0]

    asked = _ANY.sub("any", _RELATIVE.sub(beside, question))
    if _ALTERNATIVES.search(asked) or _OPEN.search(asked) or _INDIRECT.match(asked):
        return False
    return bool(_ASKS.match(asked))


def compose_polar(
    question: str,
    readings: Sequence[Reading],
    confidence: float,
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """The sentence that settles it; None for another kind of question or nothing to quote.

    `readings` come best first.
    """
    best = _telling_sentence(question, readings) if polar_question(question) else None
    if best is None:
        return None
    reading, span = best
    citations = CitationList(find_article)
    at = reading.passage.start
    citation = citations.cite(reading.passage, at + span.start, at + span.end)
    if citation is None:
        return None
    sentence = f"{citation.quote} [{citation.number}]"
    return Draft(citation.quote, (sentence,), citations.all(), (), confidence)


def compose_parts(
    parts: Sequence[str],
    read: Read,
    answerability: Callable[[Sequence[Reading]], float],
    find_article: Callable[[str], Article | None],
    threshold: float,
) -> Draft | None:
    """A sentence for each part of a yes/no question that is settled with `threshold` or more; a
    note names the others. None where nothing can be quoted for any part.

    Where none is settled all are quoted, as sure as the surest of them.
    """
    drafts = {}
    for part in parts:
        readings = read(part)
        draft = compose_polar(part, readings, answerability(readings), find_article)
        if draft:
            drafts[part] = draft
    settled = {part: one for part, one in drafts.items() if one.confidence >= threshold} or drafts
    if not settled:
        return None
    whole = together(list(settled.values()), find_article)
    open_parts = [f"The archive does not settle “{part}”" for part in parts if part not in settled]
    answer = " ".join(citation.quote for citation in whole.citations)
    return replace(whole, answer=answer, notes=(*whole.notes, *open_parts))


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
