"""Who denied something: the speakers of denials, by the verb that says so.

In: a question, Readings. Out: Readings whose spans are the speakers, or none where this is no such
question or no sentence tells of a denial. Refuses to know: models, wording of answers.

A span reader takes the most prominent name near the subject of the question, which for a denial is
often the accuser. The verb decides instead: the speaker is its subject, and who else denied the
same is an answer as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.retrieval.conversation import CAPITAL
from assistant.sentences import Span, sentence_spans
from assistant.types import Reading

_ASKS = re.compile(
    r"^(?:and\s+|so\s+)?(?:who|which\s+(?:\w+\s+){1,4}?|what\s+(?:\w+\s+){1,3}?)\s*"
    r"(?:else\s+)?(?:has\s+|have\s+|had\s+)?(?:den(?:y|ies|ied))\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refut(?:es|ed|ing))\b"
)
_WORD = rf"{CAPITAL}[\w'’.-]*\w"
_NAME = rf"{_WORD}(?:\s+(?:(?:of|the|de|al|bin|van|von)\s+)?{_WORD})*"
# "Hermoso denied", "Russia has rejected", "Peskov, the Kremlin's spokesman, again dismissed"
_SUBJECT = re.compile(
    rf"(?P<name>{_NAME})(?:,[^,]{{1,80}},)?\s+(?:(?:has|have|had|again|also|later|repeatedly|"
    r"flatly|strongly|on\s+[A-Z]\w+day)\s+)*$"
)
_DATELINE = r"(?:[A-Z][A-Z .,'’-]+(?:\([^)]{1,40}\)\s*)?[—–-]\s+)?"
_FIRST_NAME = re.compile(rf"^{_DATELINE}(?:The\s+)?(?P<name>{_NAME})")
_PASSIVE = re.compile(r"\b(?:was|were|is|are|be|been|being)\s+(?:\w+\s+)?$")
_NO_NAME = frozenset(
    "A An The He She It They We I His Her Their Its Both Some Many Officials Authorities".split()
)
_STOP = frozenset(
    "who what which whom that this with from about their there have been were".split()
)
# Passages this much less relevant than the best, to the reader, are about something else.
_NEAR_THE_BEST = 5.0


def denials(question: str, readings: Sequence[Reading]) -> list[Reading]:
    """One Reading for each sentence that denies what is asked about, best passages first.

    `readings` come best first. A speaker keeps the passage's own relevance; its probability is the
    share of the question's content words that the sentence, or its headline, repeats.
    """
    if not _ASKS.match(question) or not readings:
        return []
    topic = _stems(_ASKS.sub("", question))
    best = max(reading.relevance for reading in readings)
    found = []
    for reading in readings:
        passage = reading.passage
        if reading.relevance < best - _NEAR_THE_BEST:
            continue
        for span in sentence_spans(passage.text):
            speaker = _speaker(passage.text, span)
            words = _stems(f"{passage.title} {passage.text[span.start : span.end]}")
            shared = _share(topic, words)
            if speaker and shared > 0:
                found.append(
                    replace(
                        reading,
                        text=passage.text[speaker.start : speaker.end],
                        start=passage.start + speaker.start,
                        end=passage.start + speaker.end,
                        probability=min(1.0, shared),
                        others=(),
                    )
                )
    return found


def _speaker(text: str, sentence: Span) -> Span | None:
    """The subject of the sentence's verb of denial; None without such a verb or a named subject."""
    verb = _DENIES.search(text, sentence.start, sentence.end)
    if verb is None:
        return None
    before = text[sentence.start : verb.start()]
    if _PASSIVE.search(before):
        return None
    # A participle ("…, rejecting the report") or a second verb shares the sentence's subject.
    subject = _SUBJECT.search(before) or _FIRST_NAME.search(before)
    if subject is None or subject["name"] in _NO_NAME:
        return None
    return Span(sentence.start + subject.start("name"), sentence.start + subject.end("name"))


def _share(topic: set[str], words: set[str]) -> float:
    """How many of the topic's words begin a word here ("arm" in "arming"), in [0, 1]."""
    met = sum(any(word.startswith(stem) for word in words) for stem in topic)
    return met / max(1, len(topic))


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return {word.removesuffix("s") for word in words if len(word) > 3 and word not in _STOP}
