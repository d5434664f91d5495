"""Yes/no questions: "Did Pence endorse anybody?", "Is the pass free on Sundays?".

In: a question, Readings. Out: whether it is one; the Reading with its span widened to the sentence
that settles the question. Refuses to know: models, indexes, wording of answers.

The sentence is the answer, not Yes or No. On 379 questions that differ from what their passage says
in one detail or none, neither the polarity of the sentence (51 % right) nor a head that was trained
for it (59 %) could tell (docs/decisions.md), and a wrong Yes is worse than a sentence to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answering.extractive import Draft, compose
from assistant.answering.several import together
from assistant.sentences import enclosing_sentences
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


def polar_question(question: str) -> bool:
    """Whether the question asks for yes or no (not for one of several things it names)."""

    def beside(clause: re.Match[str]) -> str:
        return ", " if _ASKS.match(question[: clause.start()]) else clause[0]

    asked = _ANY.sub("any", _RELATIVE.sub(beside, question))
    if _ALTERNATIVES.search(asked) or _OPEN.search(asked) or _INDIRECT.match(asked):
        return False
    return bool(_ASKS.match(asked))


def whole_sentence(reading: Reading) -> Reading:
    """The reading with its span widened to the sentence around it."""
    at = reading.passage.start
    start, end = enclosing_sentences(reading.passage.text, reading.start - at, reading.end - at)
    text = reading.passage.text[start:end]
    return replace(reading, text=text, start=at + start, end=at + end)


def compose_parts(
    parts: Sequence[str],
    read: Read,
    answerability: Callable[[Sequence[Reading]], float],
    find_article: Callable[[str], Article | None],
) -> Draft | None:
    """A sentence for each part of a yes/no question; as sure as the least sure of them.

    None where nothing can be quoted for one part.
    """
    drafts = []
    for part in parts:
        readings = read(part)
        draft = compose(readings, answerability(readings), find_article, widen=whole_sentence)
        if not draft.answer:
            return None
        drafts.append(draft)
    sure = min(draft.confidence for draft in drafts)
    return replace(together(drafts, find_article), confidence=sure)
