"""What a later report takes back: "lowered the toll to 97, from 115" makes 115 no answer any more.

In: a question; an answer's Reading and all Readings. Out: the Reading of the amount that stands.
Refuses to know: models, indexes, wording of answers.

Only what the sources say in so many words counts: an amount that a report, no older than the
answer's and about the same, puts in another's place, and what a correction names as its mistake.
A wrong successor is worse than a missed one: what is only planned, feared or denied, and what
compares two times, takes nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from assistant.answering.quantities import MONTHS, Amount, amounts
from assistant.sentences import enclosing_sentences, sentence_spans
from assistant.types import Reading

_SPAN_OF_DAYS = r"(?:day|week|month|year)s?"
# A question with one of these asks for an earlier state, or names a time of its own.
_EARLIER = re.compile(
    rf"\b(?-i:{MONTHS})\b(?!['’]s)|\b(?:19|20)\d\d\b|\b(?:yester|Sun|Mon|Tues|Wednes|Thurs|Fri|"
    r"Satur)day\b"
    r"|\b(?:before|earli(?:er|est)|previous(?:ly)?|prior|initial(?:ly)?|first|original(?:ly)?|"
    r"former(?:ly)?|preliminary|until|till|as of|used to|last|ago|then|rose|fell|increased?|"
    r"changed?|replaced?|supposed|budgeted|wrong(?:ly)?|incorrect(?:ly)?|mistaken(?:ly)?|twice)\b"
    rf"|\b(?:by|in|on|within)\s+(?:the\s+)?(?:early|mid|late(?!st)|first|past|\d+(?:st|nd|rd|th)?|"
    rf"{_SPAN_OF_DAYS}|beginning|end|spring|summer|autumn|fall|winter|(?:{MONTHS}))\b"
    rf"|\b(?:after|following)\s+(?:\w+\s+){{0,2}}{_SPAN_OF_DAYS}\b|\b{_SPAN_OF_DAYS}\s+(?:after|later)\b"
    r"|\bat\s+(?:one|that|the|its|first|midnight|noon)\s*(?:point|time|start|peak|height|beginning|"
    r"outset|\b(?=\W*$))|\baftermath\b|\bfrom\s+wh(?:at|ich)\b|\bby\s+how\s+(?:much|many)\b"
    r"|\b(?:that|this)\s+(?:evening|night|morning|day|week|month|spring|summer|autumn|winter)\b",
    re.IGNORECASE,
)
# "the Old Town fire", "Black Sunday", "the first lady": names, whatever words they hold.
_NAMED = re.compile(
    r"\b(?:First|Last|Former|Original|May|March)\s+[A-Z]\w+|\b[A-Z]\w+\s+\w+day\b(?=\s+[a-z])"
    r"|\b\w+day\s+prayers?\b|\bfirst\s+(?:lady|minister|responder)s?\b"
)
_COUNTED = re.compile(
    r"\b(?:toll|number|count|figure|estimate|tally|total|forecast|projection|prediction|outlook|"
    r"guidance|rate|death|dead|killed|injured|missing|casualties|cost|budget|growth|magnitude|"
    r"size|award)s?\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:lower|revis|reduc|correct|adjust|downgrad|upgrad|rais|updat|trimm?|slash|increas|"
    r"decreas|climb|jump|dropp?|lift|nudg|amend|restat)(?:e?d|es?|s|ing)?\b"
    r"|\b(?:cut|rose|risen|fell|fallen|grew|grown)\b",
    re.IGNORECASE,
)
# What is only wanted, feared or denied has changed nothing; "had risen" tells an older story.
_NOT_DONE = re.compile(
    r"\b(?:will|would|could|can|might|should|must|if|not|never|denie[sd]|propos\w+|plan\w*|"
    r"want(?:s|ed)?|asked|urged?|demand\w*|threaten\w*|expected\s+to|bill|seeks?|sees|rang\w+|went|"
    r"had|calls?\s+for)\b|n[’']t\b|\b(?-i:may)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b(?:rejected|voted\s+down)\b", re.IGNORECASE)
# A comparison with another time takes nothing back.
_OTHER_TIME = re.compile(
    r"\b(?:a|one|the|last|next|previous|prior|same)\s+(?:year|quarter|month|season|period|decade)\b"
    r"|\b(?:year|month|quarter|week|decade)s?\s+(?:ago|earlier|before)\b"
    r"|\b(?:in|since|of|during)\s+(?:the\s+)?(?:19|20)\d\ds?\b"
    r"|\b(?:over|during|past)\s+(?:\w+\s+){0,2}(?:years?|decades?|pandemic)\b"
    rf"|\d%?\s+in\s+(?-i:{MONTHS})\b|\b[ap]\.?m\b",
    re.IGNORECASE,
)
_FIRST = r"(?:earlier|previous|prior|initial|original|preliminary|first)"
_ABOUT = (
    r"(?:(?:about|around|roughly|nearly|almost|some|just|only|at\s+least|more\s+than|over|up\s+to|"
    r"an?\s+estimated)\s+)?"
)
# "from 115", "from the 115", "from an earlier estimate of about 115"
_WAS = rf"from\s+(?:(?:the|an?|its|their)\s+)?(?:{_FIRST}\s+(?:\w+\s+of\s+)?)?{_ABOUT}"
_GAP = r"(?:(?!\band\b)[^.;:]){0,40}?"
_TO = re.compile(rf"\bto\s+{_ABOUT}$", re.IGNORECASE)
_FROM = re.compile(rf"\bfrom\s+{_ABOUT}$", re.IGNORECASE)
_THEN_FROM = re.compile(rf"{_GAP}\b{_WAS}$", re.IGNORECASE)
_THEN_TO = re.compile(rf"{_GAP}\bto\s+{_ABOUT}$", re.IGNORECASE)
_DOWN_FROM = re.compile(rf"{_GAP}\b(?:down|up|revised)\s+{_WAS}$", re.IGNORECASE)
_SAID_FIRST = re.compile(rf"\b{_FIRST}(?:ly)?\b", re.IGNORECASE)
_LATER_TO = re.compile(
    r"[^.;:]{0,50}?\b(?:revised|lowered|raised|corrected|reduced|cut)\s+(?:(?:it|that|the\s+\w+)\s+)?"
    rf"(?:(?:up|down)(?:wards?)?\s+)?to\s+{_ABOUT}$",
    re.IGNORECASE,
)
_THEN_NOT = re.compile(
    rf"[^.;:\d]{{0,30}}?,?\s+(?:and\s+)?(?:not|instead\s+of|rather\s+than)\s+(?:the\s+)?{_ABOUT}$",
    re.IGNORECASE,
)
_AS_SAID = re.compile(
    r"[^.;:\d]{0,30}?\b(?:first\s+\w+(?:ed|id|ought|en)|earlier|previously|initially|originally|"
    r"wrongly|mistakenly)\b",
    re.IGNORECASE,
)
# "to 97 people from 12 countries": what follows the amount that made way counts nothing else.
_ENDS = re.compile(
    r"\s*(?:%|per\s?cent\b)?(?:\s*(?:[,.;:!?()\"”—–]|$)|\s+(?:dead|deaths|people|the|an?|on|in|as|at|"
    r"after|by|when|that|and|but|before|earlier|previously|just|reported|announced|given|issued|"
    r"initially|originally|estimated|predicted|following|amid|this|since|because)\b)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\s+(?:dead|deaths|people)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b)", re.IGNORECASE)
_MISTAKE = re.compile(
    r"\b(?:earlier|previous|prior|original)\s+(?:\w+\s+)?(?:version|headline|caption|edition)s?\s+"
    r"(?:(?:of|to|for|on|in)\s+th(?:is|e)\s+(?:\w+\s+)?\w+\s+)?(?:had\s+)?(?:\w+ly\s+)?"
    r"(?:said|stated|gave|reported|misstated|identified|listed|named|described|referred|put)\b"
    r"|\bth(?:is|e)\s+(?:article|story|report|piece|post)\s+(?:originally|initially|incorrectly|"
    r"wrongly|mistakenly|previously|erroneously)\s+(?!appeared|ran|published|posted|aired)\w+\b",
    re.IGNORECASE,
)
# After these the note tells what is right.
_RIGHT = re.compile(
    r"[;:—–]|\b(?:instead\s+of|rather\s+than|not|but|when|whereas|in\s+fact|actually|should|"
    r"which\s+is|it\s+is)\b",
    re.IGNORECASE,
)
# What people are counted as: an amount of one kind never takes the place of another's.
_STATES = (
    re.compile(
        r"\b(?:tolls?|deaths?|dead|die[sd]?|kill(?:s|ed|ing)?|victims?|casualt\w+|lives|fatalit\w+)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:injur\w+|wound\w+|hurt)\b", re.IGNORECASE),
    re.compile(r"\b(?:missing|unaccounted)\b", re.IGNORECASE),
)
_CONTENT = re.compile(r"\b[a-z]{4,}\b")
_EMPTY = frozenset(
    "about after again around before down estimated from have just least more nearly number only "
    "over people raised said says some than that their them then there this total were which "
    "will with".split()
)
# Names within a sentence: its first word has a capital anyhow.
_NAME = re.compile(
    rf"(?<=[\w,;] )(?!(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{MONTHS})\b)[A-Z]\w{{2,}}"
)
# A report of the same event may be judged much less close to the question ("lowered to 97" against
# "stood at 115"); beyond this it speaks of something else.
_AS_RELEVANT = 10.0


class Revision(NamedTuple):
    """A sentence of a text says that `new` has taken the place of `old`."""

    old: Amount
    new: Amount


def asks_for_earlier(question: str) -> bool:
    """Whether the question may want a figure that was taken back since: it names a time."""
    return bool(_EARLIER.search(_NAMED.sub(" ", question)))


def revised(answer: Reading, readings: Sequence[Reading]) -> Reading | None:
    """The amount that stands where `answer` is one that was taken back; None where it stands.

    Looks at passages no older than the answer's that share a name with it, the newest first, and
    follows one revision after another; None where they lead back to an amount that was left.
    """
    current, seen = answer, {answer.text}
    while following := _successor(current, readings):
        if following.text in seen:
            return None
        seen.add(following.text)
        current = following
    return None if current is answer else current


def revisions(text: str) -> Iterator[Revision]:
    """The revisions of amounts that the sentences of a text tell, in order."""
    for sentence in sentence_spans(text):
        words = text[sentence.start : sentence.end]
        if _OTHER_TIME.search(words) or _REFUSED.search(words):
            continue
        for one, two in pairwise(amounts(text, sentence.start, sentence.end)):
            if one.unit != two.unit or one.value == two.value:
                continue
            before, between = text[sentence.start : one.start], text[one.end : two.start]
            if _second_made_way(before, between, text[two.end : sentence.end], text[one.end :]):
                yield Revision(old=two, new=one)
            elif _first_made_way(before, between):
                yield Revision(old=one, new=two)


def _second_made_way(before: str, between: str, after: str, behind_first: str) -> bool:
    """As in "lowered to 97, from 115", "is 97, down from 115", "97, not 115 as first said"."""
    if _THEN_NOT.fullmatch(between):
        return bool(_AS_SAID.match(after))
    if not _happened(before) or not _ends(behind_first, after):
        return False
    if _CHANGED.search(before) and _TO.search(before):
        return bool(_THEN_FROM.fullmatch(between))
    return bool(_DOWN_FROM.fullmatch(between))


def _first_made_way(before: str, between: str) -> bool:
    """As in "revised from 115 to 97", "initially put at 115 but lowered to 97"."""
    if not _happened(before):
        return False
    if _CHANGED.search(before) and _FROM.search(before):
        return bool(_THEN_TO.fullmatch(between))
    return bool(_SAID_FIRST.search(before) and _LATER_TO.fullmatch(between))


def _happened(before: str) -> bool:
    """Whether the words before an amount count something, and tell of no mere wish or denial."""
    return bool(_COUNTED.search(before)) and not _NOT_DONE.search(before)


def _ends(behind_new: str, behind_old: str) -> bool:
    """Whether the amount that made way counts nothing else; it may repeat the new one's noun."""
    noun = re.match(r"\s+[a-z]+\b", behind_new)
    if noun and behind_old.startswith(noun[0]):
        behind_old = behind_old[noun.end() :]
    elif noun and _PEOPLE.match(behind_old):
        return False
    return _ENDS.match(behind_old) is not None


def is_mistake(reading: Reading) -> bool:
    """Whether the span is what a correction in the article names as its mistake."""
    text, at = reading.passage.text, reading.passage.start
    start, end = reading.start - at, reading.end - at
    if not _MISTAKE.search(text, 0, start):
        return False  # hardly a passage has such a note, and finding its sentences takes long
    sentence = enclosing_sentences(text, start, end)
    said = _MISTAKE.search(text, sentence.start, start)
    return said is not None and not _RIGHT.search(text, said.end(), start)


def _successor(answer: Reading, readings: Sequence[Reading]) -> Reading | None:
    """The amount that one report puts in the place of the answer's, if it is one amount."""
    given = list(amounts(answer.text))
    if len(given) != 1:
        return None
    names, sentence = _names(answer), _sentence(answer)
    for reading in sorted(readings, key=_newest_first):
        passage = reading.passage
        if _older(reading, answer) or passage.score < answer.passage.score - _AS_RELEVANT:
            continue
        if not names & _names(reading):
            continue
        for old, new in revisions(passage.text):
            if (old.value, old.unit) != (given[0].value, given[0].unit):
                continue
            percent = _PERCENT.match(passage.text, new.end)
            end = percent.end() if percent else new.end
            standing = replace(
                reading,
                text=passage.text[new.start : end],
                start=passage.start + new.start,
                end=passage.start + end,
                others=(),
            )
            if _same_subject(sentence, _sentence(standing)):
                return standing
    return None


def _same_subject(one: str, other: str) -> bool:
    """Whether two sentences count the same: the dead, the hurt or the missing, or, where neither
    counts those, things that share a word.
    """
    here, there = ({state for state in _STATES if state.search(text)} for text in (one, other))
    if here or there:
        return bool(here & there)
    words, others = ({*_CONTENT.findall(text)} - _EMPTY for text in (one, other))
    return bool(words & others)


def _sentence(reading: Reading) -> str:
    text, at = reading.passage.text, reading.passage.start
    start, end = enclosing_sentences(text, reading.start - at, reading.end - at)
    return text[start:end]


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
