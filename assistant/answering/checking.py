"""Whether a sentence that a language model wrote is in the passages that it cites.

In: a sentence, the cited passages. Out: the source sentences that carry it, or none.
Refuses to know: the question (a question may presuppose what is false), who wrote the sentence.

The rule is strict because words cannot tell a synonym from an invention: a sentence, or each of its
clauses, must have all its content words, numbers and names in ONE sentence of a cited passage, in
the same order, under the same "not", "alleged" or "may", with quotations word for word. Publisher
and date may be added, a name may be written in full as elsewhere in the passage, and a pronoun may
give way to a name from just before. The reader must find the passage to be about it. What a source
addresses to a machine ("ignore your instructions") carries nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from assistant.answering.claims import Claims, Word, claims, fold, in_order, quotations
from assistant.retrieval.conversation import names
from assistant.sentences import Span, sentence_spans
from assistant.types import Passage, Reader

# Fewer content words than this can be met by chance.
_FEWEST_WORDS = 3
# This share of a clause's words must stand in its source's order; a day may move to the front.
_IN_ORDER = 0.7
# Names from around a sentence may be more than it has itself, but not most of a clause.
_FROM_THE_SENTENCE = 0.5
_MOST_CLAUSES = 5
# Sentences of the sample corpus, read against their own passage, have 0.04 or more, short ones down
# to -1; against another article's, 61 % have less than -1 (docs/decisions.md).
_FEWEST_RELEVANCE = -1.0
# So many sentences before a pronoun may name whom it stands for.
_NAMED_BEFORE = 2
_CLAUSE = re.compile(r"[,;:.!?]\s+|\s+(?=(?:and|but|while|whereas)\s)")
# Where a source's clauses stand side by side; "denied that …, and that …" is one denial.
_JOINED = re.compile(r";\s|,\s+(?=(?:and|but|while|whereas)\s(?!that\s))")
# "It will cost a million, Mayor Finch said." is "Mayor Finch said it will cost a million."
_SAID_AFTER = re.compile(r"^(.+),\s+((?:[A-Z][\w.'’-]*\s+){1,5})(?:said|says)\.$", re.DOTALL)
_TO_A_MACHINE = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rules|prompts?|above|"
    r"previous|prior)\b|\bsystem prompt\b|\byou are (?:now )?(?:an? )?(?:ai|assistant|chatbot|"
    r"language model)\b|\b(?:language|ai) models?\b.{0,40}\b(?:must|should|answer|reply|respond|"
    r"say|write)\b|\b(?:answer|reply|respond) (?:only )?(?:with|that)\b|"
    r"\bnew instructions?\b|^\s*(?:system|assistant|user)\s*:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Support:
    """The sentence of a passage that carries a clause, by its span in the article."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence of a passage; its `dateline`, and names `lent` by its context, may be added."""

    passage: Passage
    span: Span
    text: str
    said: Claims
    dateline: frozenset[str]
    lent: frozenset[str]


class Checker:
    """Checks sentences against passages. One checker may serve several threads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def support(self, sentence: str, cited: Sequence[Passage]) -> list[Support]:
        """What carries the sentence, in the order of its clauses; empty where it must not stand.

        A sentence of a cited passage, taken over as it is, always stands.
        """
        written = claims(sentence)
        sources = [source for passage in cited for source in _sources(passage)]
        if not written.words:
            return []
        for source in sources:
            if source.said.key == written.key:
                return [_support(source)]
        quoted = quotations(sentence)
        if quoted is None or not all(_verbatim(quote, cited) for quote in quoted):
            return []
        found = _carried(sentence, written, sources)
        if not found and _SAID_AFTER.search(sentence):
            found = _carried(_SAID_AFTER.sub(r"\2 said \1.", sentence), written, sources)
        passages = list({source.passage.id: source.passage for source in found}.values())
        if not found or not self._about(sentence, passages):
            return []
        return [_support(source) for source in found]

    def _about(self, sentence: str, passages: Sequence[Passage]) -> bool:
        readings = self._reader.read(sentence, passages)
        relevant = [reading.relevance >= _FEWEST_RELEVANCE for reading in readings]
        return len(relevant) == len(passages) and all(relevant)


def to_a_machine(text: str) -> bool:
    """Whether a sentence gives orders to a language model."""
    return bool(_TO_A_MACHINE.search(fold(text)))


def _support(source: _Source) -> Support:
    offset = source.passage.start
    return Support(source.passage, offset + source.span.start, offset + source.span.end)


def _sources(passage: Passage) -> list[_Source]:
    dateline = claims(dateline_words(passage)).stems
    full_names = [
        claims(name).stems for name in dict.fromkeys(names(f"{passage.title}. {passage.text}"))
    ]
    spans = sentence_spans(passage.text)
    read = [claims(passage.text[span.start : span.end]) for span in spans]
    title = claims(passage.title)
    found = []
    for place, (span, said) in enumerate(zip(spans, read, strict=True)):
        own = {word.stem for word in said.words if word.name}
        lent = {stem for name in full_names if name & own for stem in name}
        if said.pronouns:
            before = (title, *read[max(0, place - _NAMED_BEFORE) : place])
            lent |= {word.stem for other in before for word in other.words if word.name}
        text = passage.text[span.start : span.end]
        if not to_a_machine(text):
            found.append(_Source(passage, span, text, said, dateline, frozenset(lent)))
    return found


def dateline_words(passage: Passage) -> str:
    """Publisher and the day as people write it; any sentence of the passage may add these."""
    when = passage.published_at
    day = f"{when:%A} {when.day} {when:%B} {when.year}" if when else ""
    return f"{passage.publisher or ''}. {day}"


def _verbatim(quote: str, cited: Sequence[Passage]) -> bool:
    wanted = quote.strip(" .,;:!?")
    return any(wanted in fold(f"{passage.text} \n {passage.title}") for passage in cited)


def _carried(sentence: str, written: Claims, sources: Sequence[_Source]) -> list[_Source]:
    """A source for the whole sentence, else for each of as few runs of its clauses as will do."""
    cuts = [match.end() for match in _CLAUSE.finditer(sentence)][:_MOST_CLAUSES]
    for count in range(len(cuts) + 1):
        for chosen in combinations(cuts, count):
            edges = (0, *chosen, len(sentence))
            pieces = [claims(sentence[start:end]) for start, end in pairwise(edges)]
            found = [_source_of(piece, written.polar, sources) for piece in pieces]
            carriers = [source for source in found if source]
            if len(carriers) == len(pieces):
                return list({(one.passage.id, one.span): one for one in carriers}.values())
    return []


def _source_of(piece: Claims, polar: frozenset[str], sources: Sequence[_Source]) -> _Source | None:
    """The source that says the most of the clause among those that say all of it."""
    if len(piece.stems) < _FEWEST_WORDS:
        return None
    fitting = [
        source
        for source in sources
        if piece.stems <= source.said.stems | source.lent | source.dateline
        and piece.polar <= source.said.polar
        and _polar_near(piece, source) <= polar
        and _mostly_said(piece, source)
        and _same_order(piece, source.said)
        and _same_counts(piece.words, source)
    ]
    return max(fitting, key=lambda one: len(piece.stems & one.said.stems), default=None)


def _polar_near(piece: Claims, source: _Source) -> frozenset[str]:
    """The source's "not", "may" and so on, but those of clauses that the piece has nothing of."""
    if not source.said.polar:
        return source.said.polar
    clauses = map(claims, _JOINED.split(source.text))
    return frozenset().union(*(one.polar for one in clauses if one.stems & piece.stems))


def _mostly_said(piece: Claims, source: _Source) -> bool:
    """Whether the sentence itself, not its context, says enough of the clause."""
    claimed = piece.stems - (source.dateline - source.said.stems)
    said = piece.stems & source.said.stems
    return len(said) >= max(2, _FROM_THE_SENTENCE * len(claimed))


def _same_order(piece: Claims, source: Claims) -> bool:
    """Whether most shared words, and all shared names and numbers, come in the source's order."""
    shared = [word for word in piece.words if word.stem in source.stems]
    order = [word.stem for word in source.words]
    if in_order([word.stem for word in shared], order) < _IN_ORDER * len(shared):
        return False
    names = {word.stem for word in source.words if word.name or word.number}
    fixed = [word.stem for word in shared if word.stem in names]
    return in_order(fixed, [stem for stem in order if stem in names]) == len(fixed)


def _same_counts(piece: Sequence[Word], source: _Source) -> bool:
    """Whether each number counts what it counts in the source: the word before or after is same."""
    counted = (source.said.words, claims(dateline_words(source.passage)).words)
    for place, word in enumerate(piece):
        if word.number and not any(
            other.stem == word.stem
            and (
                _at(piece, place - 1) == _at(words, there - 1)
                or _at(piece, place + 1) == _at(words, there + 1)
            )
            for words in counted
            for there, other in enumerate(words)
        ):
            return False
    return True


def _at(words: Sequence[Word], place: int) -> str:
    return words[place].stem if 0 <= place < len(words) else ""
