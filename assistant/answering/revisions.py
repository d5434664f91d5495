"""What a later report takes back: "lowered the toll to 97, from 115" makes 115 no answer any more.

In: a question; an answer's Reading and all Readings. Out: the Reading of the amount that stands.
Refuses to know: models, indexes, wording of answers.

Only what the sources say in so many words counts: an amount that a sentence of a report, no older
than the answer's, puts in another's place, and what a correction names as its mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from assistant.answering.quantities import Amount, amounts
from assistant.sentences import enclosing_sentences, sentence_spans
from assistant.types import Reading

# A question with one of these asks for an earlier state, or names its own time.
_EARLIER = re.compile(
    r"\b(?:before|earlier|previous(?:ly)?|prior|initial(?:ly)?|first|original(?:ly)?|former(?:ly)?|"
    r"until|till|up to|by|as of|at the time|used to|last|ago|old|then|in|on|from|rise|rose|fall|"
    r"fell|increase[ds]?|change[ds]?|revis\w+|lower\w*|rais\w+|(?:19|20)\d\d|yesterday|\w+day)\b",
    re.IGNORECASE,
)
# "in Lahaina" is a place, "in August" a time.
_PLACE = re.compile(
    r"\b(?:in|on|by|from)\s+(?!(?:early|mid|late(?!st)|jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|"
    r"dec|spring|summer|autumn|fall|winter|\w+day|\d|the\s+(?:first|days|weeks|months|beginning|"
    r"end|spring|summer|autumn|fall|winter|early|mid|late(?!st)|past|last))\w*\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:toll|number|count|figure|estimate|tally|total|forecast|projection|prediction|outlook|"
    r"guidance|rate|deaths|dead|killed|injured|missing|casualties)s?\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:lower|revis|reduc|correct|adjust|downgrad|upgrad|rais|updat|trimm?|slash|increas|"
    r"decreas|climb|jump|dropp?)(?:e?d|es?|s|ing)?\b"
    r"|\b(?:cut|put|brought|r[io]se|rises|risen|f[ae]ll|falls|fallen|grew|grows|grown)\b",
    re.IGNORECASE,
)
_ABOUT = (
    r"(?:about|around|roughly|nearly|almost|some|just|only|at\s+least|more\s+than|over|up\s+to|"
    r"an?\s+estimated)"
)
_TO = re.compile(rf"\bto\s+(?:{_ABOUT}\s+)?$", re.IGNORECASE)
_FROM = re.compile(rf"\bfrom\s+(?:{_ABOUT}\s+)?$", re.IGNORECASE)
_THEN_FROM = re.compile(
    rf"[^.;:]{{0,40}}?\b(?:up\s+|down\s+)?from\s+(?:the\s+)?(?:{_ABOUT}\s+)?$", re.IGNORECASE
)
_THEN_TO = re.compile(rf"[^.;:]{{0,40}}?\bto\s+(?:{_ABOUT}\s+)?$", re.IGNORECASE)
_THEN_NOT = re.compile(
    rf"[^.;:]{{0,30}}?,?\s+(?:and\s+)?(?:not|instead\s+of|rather\s+than)\s+(?:the\s+)?(?:{_ABOUT}\s+)?$",
    re.IGNORECASE,
)
_AS_SAID = re.compile(
    r"[^.;:]{0,30}?\b(?:first|earlier|previously|initially|originally|wrongly|mistakenly)\b",
    re.IGNORECASE,
)
# A comparison with another time takes nothing back.
_OTHER_TIME = re.compile(
    r"\b(?:a|one|the|last|previous|prior|same)\s+(?:year|quarter|month|season|period|decade)\b"
    r"|\b(?:year|month|quarter|week|decade)s?\s+(?:ago|earlier|before)\b"
    r"|\b(?:in|since|of|during)\s+(?:19|20)\d\d\b",
    re.IGNORECASE,
)
# "to 97 people from 12 countries": what follows the amount that made way counts nothing else.
_ENDS = re.compile(
    r"\s*(?:%|per\s?cent\b)?(?:\s*(?:[,.;:!?()\"”—–]|$)|\s+(?:dead|deaths|people|the|an?|on|in|as|at|"
    r"after|by|when|that|and|but|before|earlier|previously|just|reported|announced|given|issued|"
    r"made|estimated|predicted|following|amid|this|since|because)\b)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b)", re.IGNORECASE)
_MISTAKE = re.compile(
    r"\b(?:earlier|previous|prior|original)\s+(?:\w+\s+)?(?:version|headline|caption|edition)s?\s+"
    r"(?:of|to|for|on|in)\s+th(?:is|e)\s+(?:\w+\s+)?\w+\s+(?:\w+ly\s+)?"
    r"(?:said|stated|gave|reported|misstated|identified|listed|named|described|referred|put)\b"
    r"|\bth(?:is|e)\s+(?:article|story|report|piece|post)\s+(?:originally|initially|incorrectly|"
    r"wrongly|mistakenly|previously|erroneously)\s+\w+\b",
    re.IGNORECASE,
)
# A report of the same event may be judged much less close to the question ("lowered to 97" against
# "stood at 115"); beyond this it speaks of something else.
_AS_RELEVANT = 10.0
_MOST_STEPS = 4
# Names within a sentence: its first word has a capital anyhow.
_NAME = re.compile(
    r"(?<=[\w,;] )(?!(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|"
    r"May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|"
    r"Nov|Dec)\b)[A-Z]\w{2,}"
)


class Revision(NamedTuple):
    """A sentence of a text says that `new` has taken the place of `old`."""

    old: Amount
    new: Amount


def asks_for_earlier(question: str) -> bool:
    """Whether the question may want a figure that was taken back since: it names a time."""
    return bool(_EARLIER.search(_PLACE.sub(" ", question)))


def revised(answer: Reading, readings: Sequence[Reading]) -> Reading | None:
    """The amount that stands where `answer` is one that was taken back; None where it stands.

    Looks at passages no older than the answer's that share a name with it, the newest first, and
    follows one revision after another.
    """
    current = answer
    for _ in range(_MOST_STEPS):
        following = _successor(current, readings)
        if following is None:
            break
        current = following
    return None if current is answer else current


def revisions(text: str) -> Iterator[Revision]:
    """The revisions of amounts that the sentences of a text tell, in order."""
    for sentence in sentence_spans(text):
        words = text[sentence.start : sentence.end]
        if _OTHER_TIME.search(words):
            continue
        changed = _CHANGED.search(words) and _COUNTED.search(words)
        for one, two in pairwise(amounts(text, sentence.start, sentence.end)):
            before = text[sentence.start : one.start]
            between, after = text[one.end : two.start], text[two.end : sentence.end]
            if one.unit != two.unit or one.value == two.value:
                continue
            if changed and _TO.search(before) and _THEN_FROM.fullmatch(between):
                if _ENDS.match(after):
                    yield Revision(two, one)
            elif changed and _FROM.search(before) and _THEN_TO.fullmatch(between):
                yield Revision(one, two)
            elif _THEN_NOT.fullmatch(between) and _AS_SAID.match(after):
                yield Revision(two, one)


def is_mistake(reading: Reading) -> bool:
    """Whether the span is what a correction in the article names as its mistake."""
    text, at = reading.passage.text, reading.passage.start
    start, end = reading.start - at, reading.end - at
    sentence = enclosing_sentences(text, start, end)
    said = _MISTAKE.search(text, sentence.start, start)
    return said is not None and not re.search(r"[;:—–]", text[said.end() : start])


def _successor(answer: Reading, readings: Sequence[Reading]) -> Reading | None:
    """The amount that one report puts in the place of the answer's, if it is one amount."""
    given = list(amounts(answer.text))
    if len(given) != 1:
        return None
    for reading in sorted(readings, key=_newest_first):
        passage = reading.passage
        if _older(reading, answer) or passage.score < answer.passage.score - _AS_RELEVANT:
            continue
        if not _names(reading) & _names(answer):
            continue
        for old, new in revisions(passage.text):
            if old.value == given[0].value and old.unit == given[0].unit:
                percent = _PERCENT.match(passage.text, new.end)
                end = percent.end() if percent else new.end
                return replace(
                    reading,
                    text=passage.text[new.start : end],
                    start=passage.start + new.start,
                    end=passage.start + end,
                    others=(),
                )
    return None


def _names(reading: Reading) -> set[str]:
    return set(_NAME.findall(f"{reading.passage.title}\n{reading.passage.text}"))


def _newest_first(reading: Reading) -> float:
    published = reading.passage.published_at
    return -published.timestamp() if published else 0.0


def _older(reading: Reading, answer: Reading) -> bool:
    """Whether a passage is known to be older than the answer's, or its age cannot be told."""
    if reading.passage.article_id == answer.passage.article_id:
        return False
    its, own = reading.passage.published_at, answer.passage.published_at
    return its is None or own is None or its < own
