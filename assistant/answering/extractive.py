"""Word an answer from what the reader found, in the sources' own sentences.

In: Readings, a way to look articles up. Out: a Draft: short answer, text, citations.
Refuses to know: indexes, pages, language models. Cannot invent: the short answer and every
sentence of the text are slices of stored articles.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering.citations import CitationList
from assistant.answering.revisions import is_mistake, revised
from assistant.archive.header import written_date
from assistant.articles.corrections import is_update_only, noted_day
from assistant.types import AnswerSpan, Article, Citation, Reading

NOT_IN_ARCHIVE = "This is not in the archive."
# Another answer is shown beside the best one when it has at least this share of its support.
_ALSO_SHARE = 0.75
_MOST_SENTENCES = 4
# Chosen on a quarter of realtimeqa-2025 and on newsdesk-dev (docs/decisions.md).
_SPAN_EXPONENT, _PASSAGE_EXPONENT = 0.1, 0.4
_SHORT_ANSWER_WORDS, _WORDY_COST = 5, 0.1
_MOST_AGREEING = 1
# A second source is cited only where its passage is judged this close to the answer's own.
_CLOSE = 1.0
# A figure may be out of date: a later report that is judged this close to the answer's is named.
_AS_RELEVANT = 4.0
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|"
    r"thousands?|millions?)\b",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|Jr|Sr|Inc|Co|Corp|Ltd|m)\.$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A worded answer. `sentences` are joined with spaces to the text; empty when abstaining."""

    answer: str
    sentences: tuple[str, ...]
    citations: tuple[Citation, ...]
    notes: tuple[str, ...]
    confidence: float


@dataclass(slots=True)
class Candidate:
    """One answer string with the readings that give it, best first, and their joint support."""

    text: str
    readings: list[Reading]
    support: float


def compose(
    readings: Sequence[Reading],
    confidence: float,
    find_article: Callable[[str], Article | None],
    *,
    several: bool = False,
    widen: Callable[[Reading], Reading] | None = None,
    latest: bool = False,
) -> Draft:
    """The answer with the most support, the sentences that carry it, and who differs.

    `several`: all answers that are given are right together ("who denied …") and named in one.
    `widen` gives the best answer's reading a longer span of the same sentence. `latest`: the
    question names no time, so an amount that was revised since makes way for the one that stands.
    An empty draft where nothing could be quoted; the caller decides about abstaining.
    """
    citations = CitationList(find_article)
    sentences: list[str] = []
    said: set[int] = set()
    candidates = ranked_answers(readings)
    if latest:
        candidates = _as_revised(candidates, readings)
    answer, notes = "", []

    def quote(reading: Reading) -> Citation | None:
        citation = citations.cite(reading.passage, reading.start, reading.end)
        if citation and citation.number not in said and len(sentences) < _MOST_SENTENCES:
            said.add(citation.number)
            sentences.append(f"{citation.quote} [{citation.number}]")
        return citation

    for candidate in candidates:
        if not answer:
            if quote(candidate.readings[0]) is None:
                continue
            answer = tidy(widen(candidate.readings[0]).text if widen else candidate.text)
            best, named = candidate, [candidate]
            for reading in _other_articles(candidate.readings)[:_MOST_AGREEING]:
                if _as_relevant(reading, best):
                    quote(reading)
        elif (several or _rivals(candidate, best)) and not _known(candidate, named):
            citation = quote(candidate.readings[0])
            if several and citation:
                named.append(candidate)
                answer = f"{answer} and {tidy(candidate.text)}"
            elif citation and citation.article.id != best.readings[0].passage.article_id:
                notes.append(_differing(candidate.text, citation))
    cited = citations.all()
    if answer and _NUMBER.search(answer):
        notes += _later_report(best.readings[0], readings, cited)
    return Draft(answer, tuple(sentences), cited, (*notes, *updates(cited)), confidence)


def ranked_answers(readings: Sequence[Reading]) -> list[Candidate]:
    """Answer strings with most support first; readings of the same string add up.

    A reading supports each of its spans by the span's probability and the passage's share among
    the judged passages, each of which alone is easily misled: a good-looking span in a passage
    about something else, a passage on the subject that does not say it. The small exponents let
    passages that agree outvote one that is sure.
    """
    groups: dict[str, Candidate] = {}
    shares = relevance_shares([reading.passage.score for reading in readings])
    weighed = [
        (span_support(span, share), span)
        for reading, share in zip(readings, shares, strict=True)
        for span in by_span(reading)
        if answer_key(span.text) and not is_mistake(span)
    ]
    for support, reading in sorted(weighed, key=lambda pair: -pair[0]):
        key = answer_key(reading.text)
        if key in groups:
            groups[key].readings.append(reading)
            groups[key].support += support
        else:
            groups[key] = Candidate(reading.text, [reading], support)
    return sorted(groups.values(), key=lambda candidate: -candidate.support)


def _as_revised(candidates: list[Candidate], readings: Sequence[Reading]) -> list[Candidate]:
    """The candidates; a best one that was taken back makes way for the amount that stands."""
    standing = revised(candidates[0].readings[0], readings) if candidates else None
    if standing is None:
        return candidates
    stale, others = candidates[0], candidates[1:]
    key = answer_key(standing.text)
    agreeing = [one for other in others if answer_key(other.text) == key for one in other.readings]
    rest = [other for other in others if answer_key(other.text) != key]
    return [Candidate(standing.text, [standing, *agreeing], stale.support), *rest]


def by_span(reading: Reading) -> list[Reading]:
    """The reading once for each of its spans, which each has alone, best first."""
    return [
        replace(
            reading,
            text=span.text,
            start=span.start,
            end=span.end,
            probability=span.probability,
            others=(),
        )
        for span in (
            AnswerSpan(reading.text, reading.start, reading.end, reading.probability),
            *reading.others,
        )
    ]


def span_support(reading: Reading, share: float) -> float:
    """What a span counts for, given its passage's share of all relevance; higher is better."""
    wordy = max(0, len(reading.text.split()) - _SHORT_ANSWER_WORDS)
    support = reading.probability**_SPAN_EXPONENT * share**_PASSAGE_EXPONENT
    return float(support * math.exp(-_WORDY_COST * wordy))


def relevance_shares(relevances: Sequence[float]) -> list[float]:
    """Softmax over the passages of a question and the null option (0), the null left out."""
    top = max([0.0, *relevances])
    weights = [math.exp(relevance - top) for relevance in relevances]
    total = sum(weights) + math.exp(-top)
    return [weight / total for weight in weights]


def answer_key(text: str) -> str:
    """What makes two answer strings the same: case, articles and punctuation do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"\b(a|an|the)\b|[^\w\s]", " ", folded).split())


def tidy(text: str) -> str:
    """The answer string without the punctuation that happens to stand around it."""
    stripped = " ".join(text.split()).strip(" ,;:—–-")
    if stripped.endswith(".") and not _ABBREVIATED.search(stripped):
        stripped = stripped[:-1]
    for opening, closing in ('""', "“”", "‘’", "()", "''"):
        if stripped.count(opening) + stripped.count(closing) == 1:
            stripped = stripped.strip(opening + closing)
    return stripped


def _other_articles(readings: Sequence[Reading]) -> list[Reading]:
    """The first reading of each article after the first reading's own."""
    seen = {readings[0].passage.article_id}
    others = []
    for reading in readings[1:]:
        if reading.passage.article_id not in seen:
            seen.add(reading.passage.article_id)
            others.append(reading)
    return others


def _as_relevant(reading: Reading, best: Candidate) -> bool:
    """Whether the passage is about what the best answer's passage is about, to the retriever."""
    return reading.passage.score >= best.readings[0].passage.score - _CLOSE


def _rivals(candidate: Candidate, best: Candidate) -> bool:
    """Whether another answer has nearly the support, from a passage that is as relevant."""
    return candidate.support >= _ALSO_SHARE * best.support and _as_relevant(
        candidate.readings[0], best
    )


def _known(candidate: Candidate, named: Sequence[Candidate]) -> bool:
    return any(_same(candidate, one) for one in named)


def _same(one: Candidate, other: Candidate) -> bool:
    """Whether one answer's words contain the other's ("Hamilton", "Cameron Hamilton")."""
    first, second = set(answer_key(one.text).split()), set(answer_key(other.text).split())
    return first <= second or second <= first


def _differing(text: str, citation: Citation) -> str:
    article = citation.article
    origin = ", ".join(
        part for part in (article.publisher, written_date(article.published_at)) if part
    )
    return (
        f"Another source{f' ({origin})' if origin else ''} has “{tidy(text)}” [{citation.number}]."
    )


def _later_report(
    chosen: Reading, readings: Sequence[Reading], cited: Sequence[Citation]
) -> list[str]:
    """A note that names the newest report about the same that the answer does not rest on."""
    since = chosen.passage.published_at
    known = {citation.article.id for citation in cited}
    later = [
        (passage.published_at, passage.title, passage.publisher)
        for passage in (reading.passage for reading in readings)
        if since
        and passage.published_at
        and passage.published_at > since
        and passage.article_id not in known
        and passage.score >= chosen.passage.score - _AS_RELEVANT
    ]
    if not later:
        return []
    when, title, publisher = max(later, key=lambda one: one[0])
    origin = ", ".join(part for part in (publisher, written_date(when)) if part)
    return [f"A later report may have other figures: “{title}” ({origin})."]


def updates(citations: Sequence[Citation]) -> list[str]:
    """A note for each cited article that was corrected, in the publisher's words, or updated.

    Half of all "updated" notes say that a video was added: an update is told with its day or not
    at all, a correction always.
    """
    notes = []
    for citation in citations:
        article, number = citation.article, citation.number
        note = article.correction
        changed = article.updated_at if article.updated_at != article.published_at else None
        day = (note and noted_day(note)) or changed
        if note and not is_update_only(note):
            when = f" on {written_date(day)}" if day else _since(article)
            notes.append(f"Source [{number}] was corrected{when}: “{note}”")
        elif day:
            notes.append(f"Source [{number}] was updated on {written_date(day)}.")
    return list(dict.fromkeys(notes))


def _since(article: Article) -> str:
    """What is known of the day of a correction that names none."""
    if article.published_at:
        return f" after it was published on {written_date(article.published_at)}"
    return ""
