"""The nouns of the assistant: frozen values that every other module passes around.

In: nothing. Out: plain dataclasses with `to_json` where a caller may print them.
Refuses to know: files, indexes, models, pages. Imports nothing of ours and nothing heavy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Article:
    """One published item, cleaned, as it is stored and quoted from.

    `url` identifies the article: the same url with other text is a new version of it.
    `published_at` and `updated_at` are timezone-aware, or None where the source does not say
    (undated stays undated). `ingested_at` and `version` are set by the archive.
    `date_only` is True where the source gave a day and no time of day. `language` is a two-letter
    code ("en"). `source_id` is the wire's or feed's own lasting name for the item, the same in
    every version of it. `embargoed_until`: not to be shown before that moment. `correction` is the
    publisher's own note of what was corrected or updated, word for word. `usage_terms` are the
    rights holder's words. `page_starts` are the offsets in `text` at which the pages of a paged
    source (PDF) begin.
    """

    url: str
    title: str
    text: str
    published_at: datetime | None = None
    updated_at: datetime | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    source_id: str | None = None
    embargoed_until: datetime | None = None
    correction: str | None = None
    usage_terms: str | None = None
    page_starts: tuple[int, ...] = ()
    date_only: bool = True
    ingested_at: datetime | None = None
    version: int = 1

    @property
    def id(self) -> str:
        """16 hex digits, the same for the same url for ever."""
        return article_id(self.url)

    def to_json(self, *, text: bool = True) -> dict[str, Any]:
        """JSON-ready fields; `text=False` leaves the body out."""
        fields: dict[str, Any] = {
            "id": self.id,
            "url": self.url,
            "title": self.title,
            "publisher": self.publisher,
            "published_at": show_date(self.published_at, self.date_only),
            "updated_at": show_date(self.updated_at, self.date_only),
            "authors": list(self.authors),
            "language": self.language,
            "correction": self.correction,
            "usage_terms": self.usage_terms,
            "version": self.version,
        }
        return fields | {"text": self.text} if text else fields


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that could not be taken in: where it is and why, in words for its owner."""

    source: str
    reason: str

    def to_json(self) -> dict[str, str]:
        return {"source": self.source, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class StageScore:
    """What one retrieval stage thought of a passage; rank counts from 1, higher score is better."""

    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article that carries (nearly) the same text."""

    article_id: str
    url: str
    title: str
    publisher: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passage:
    """The stored and retrieved unit: `article.text[start:end] == text`.

    `score` is the score of the last stage that ranked it (higher is better); `stages` keeps what
    each stage said, by name: dense, lexical, fused, reader.
    """

    id: str
    article_id: str
    url: str
    title: str
    text: str
    start: int
    end: int
    publisher: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    cluster: str | None = None
    score: float = 0.0
    stages: Mapping[str, StageScore] = field(default_factory=dict)
    copies: tuple[Copy, ...] = ()

    def ranked(self, stage: str, score: float, rank: int) -> Passage:
        """The same passage with one more stage on record and that stage's score as its own."""
        return replace(self, score=score, stages={**self.stages, stage: StageScore(score, rank)})

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "article_id": self.article_id,
            "url": self.url,
            "title": self.title,
            "publisher": self.publisher,
            "published_at": show_date(self.published_at),
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "score": round(self.score, 6),
            "stages": {
                name: {"score": round(stage.score, 6), "rank": stage.rank}
                for name, stage in self.stages.items()
            },
            "copies": [
                {
                    "url": copy.url,
                    "title": copy.title,
                    "publisher": copy.publisher,
                    "published_at": show_date(copy.published_at),
                }
                for copy in self.copies
            ],
        }


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard limits on what may be retrieved; an empty field does not limit.

    Dates are days, both ends included, compared with `published_at`; an undated article matches
    no date limit. `publishers` compares without regard to case. `articles` holds article ids.
    `as_of` shows the archive as it stood at the end of that day: later articles are hidden, undated
    ones stay. `languages` are two-letter codes; an article of unknown language matches none.
    """

    published_from: date | None = None
    published_to: date | None = None
    publishers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    as_of: date | None = None
    languages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def to_json(self) -> dict[str, Any]:
        return {
            "published_from": self.published_from.isoformat() if self.published_from else None,
            "published_to": self.published_to.isoformat() if self.published_to else None,
            "publishers": list(self.publishers),
            "articles": list(self.articles),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "languages": list(self.languages),
        }


@dataclass(frozen=True, slots=True)
class InferredFilter:
    """A limit read out of the question: `kind` is "dates" or "publisher", `because` the words."""

    kind: str
    because: str
    published_from: date | None = None
    published_to: date | None = None
    publisher: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "because": self.because,
            "published_from": self.published_from.isoformat() if self.published_from else None,
            "published_to": self.published_to.isoformat() if self.published_to else None,
            "publisher": self.publisher,
        }


@dataclass(frozen=True, slots=True)
class AppliedFilters:
    """The limits that were in force: `given` by the caller, `inferred` from the question.

    `combined` is what both indexes were searched under, the as-of date included.
    """

    given: Filters = Filters()
    inferred: tuple[InferredFilter, ...] = ()
    combined: Filters = Filters()

    def to_json(self) -> dict[str, Any]:
        return {
            "given": self.given.to_json(),
            "inferred": [one.to_json() for one in self.inferred],
            "combined": self.combined.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for search.

    `question` is what was asked, on one line. `standalone_question` is what it is understood as:
    without markup, and without the conversation. `context` holds the words of earlier turns, latest
    first (empty for a first question); `core`, if not empty, is what is searched and read beside
    them in place of `standalone_question`, which says some of them again.
    """

    question: str
    standalone_question: str
    filters: AppliedFilters = AppliedFilters()
    context: str = ""
    as_of: date | None = None
    core: str = ""

    @property
    def searched(self) -> str:
        """The question as it is searched and read, beside the context."""
        return self.core or self.standalone_question

    def asking(self, question: str) -> Query:
        """The query with another question in the place of its own."""
        return replace(self, standalone_question=question, core="")


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """An answer span, `article.text[start:end] == text`; see Reading for the probability."""

    text: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in one passage.

    `relevance`: higher is better, comparable between the passages of one question, 0 is the
    reader's own "nothing here"; once ranked, `passage.score` adds what the search stages thought.
    `text` is the best answer span, `article.text[start:end]`, empty (start == end) where there is
    none; `probability` in [0, 1] is the span's share among all spans of all passages read for the
    question and the no-answer option. `others` are the next best spans, best first.
    """

    passage: Passage
    relevance: float
    text: str
    start: int
    end: int
    probability: float
    others: tuple[AnswerSpan, ...] = ()


# Finds and reads passages for a part of a question; best first.
Read = Callable[[str], list[Reading]]


class Reader(Protocol):
    """Reads passages for one question; the one interface this project adds to LlamaIndex's."""

    def read(self, question: str, passages: Sequence[Passage], context: str = "") -> list[Reading]:
        """One Reading for each passage that was read, in the order of `passages`.

        `context`: what was said before a question that leans on it, latest first.

        A reader with a time budget may stop early: then the last passages have no Reading.
        """
        ...


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered, resolved pointer: `article.text[start:end] == quote`, always."""

    number: int
    quote: str
    start: int
    end: int
    article: Article
    copies: tuple[Copy, ...] = ()

    def to_json(self) -> dict[str, Any]:
        article = self.article.to_json(text=False)
        return {
            "number": self.number,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "url": self.article.url,
            "title": self.article.title,
            "publisher": self.article.publisher,
            "published_at": article["published_at"],
            "article": article,
            "copies": [{"publisher": copy.publisher, "url": copy.url} for copy in self.copies],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole outcome of one question.

    `answer` is the short answer string, `text` one to four sentences with [1]-style marks; both
    are empty of claims when `abstained` is True. `confidence` in [0, 1] is the calibrated
    probability that the archive answers the question. `timings_ms` has a key for each stage and
    `total`. `notes` are sentences for the reader about the answer (a corrected source, say).
    `candidates` are all passages that were found, the `passages` first, for those who judge the
    stages of the search; they are left out of the JSON.
    """

    question: str
    standalone_question: str
    answer: str
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    filters: AppliedFilters
    abstained: bool
    confidence: float = 0.0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    candidates: tuple[Passage, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answer": self.answer,
            "text": self.text,
            "citations": [citation.to_json() for citation in self.citations],
            "passages": [passage.to_json() for passage in self.passages],
            "filters": self.filters.to_json(),
            "abstained": self.abstained,
            "confidence": round(self.confidence, 4),
            "notes": list(self.notes),
            "timings_ms": {stage: round(ms, 1) for stage, ms in self.timings_ms.items()},
        }


def article_id(url: str) -> str:
    """The id of the article at `url`: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def show_date(when: datetime | None, date_only: bool = True) -> str | None:
    """ISO text of a moment; midnight UTC of a date-only source is shown as its day."""
    if when is None:
        return None
    if date_only and when.timetz() == time(0, tzinfo=UTC):
        return when.date().isoformat()
    return when.isoformat()
