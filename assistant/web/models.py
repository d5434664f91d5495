"""What goes in and out of the HTTP API, with examples for its OpenAPI document.

In: JSON. Out: checked values of our own types. Refuses to know: routes.

Answers allow further members: a client must pass over what it does not know.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.types import Filters, Turn

LONGEST_NAME = 300
LONGEST_URL = 2_000
LONGEST_TEXT = 5_000_000
LONGEST_TURN = 20_000
MOST_TURNS = 50
MOST_NAMES = 100
EARLIEST, LATEST = date(1600, 1, 1), date(2400, 1, 1)


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not hold NUL characters")
    return text


Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_no_nul)]
ArticleId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]

_ASK: dict[str, Any] = {
    "question": "Who denied the arms sale?",
    "filters": {"published_from": "2022-09-01", "publishers": ["Harbor Wire"]},
}
_FOLLOW_UP: dict[str, Any] = {
    "question": "And when was that?",
    "history": [{"question": "Who denied the arms sale?", "answer": "North Korea"}],
}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class TurnIn(_In):
    """One earlier exchange."""

    question: str = Field(min_length=1, max_length=LONGEST_TURN)
    answer: str = Field("", max_length=LONGEST_TURN)


class FiltersIn(_In):
    """Hard limits; what is left out does not limit. Days are inclusive."""

    published_from: Day | None = None
    published_to: Day | None = None
    publishers: list[Name] = Field(default_factory=list, max_length=MOST_NAMES)
    articles: list[ArticleId] = Field(default_factory=list, max_length=MOST_NAMES)

    def to_filters(self) -> Filters:
        """As the pipeline takes them."""
        return Filters(
            self.published_from,
            self.published_to,
            tuple(self.publishers),
            tuple(self.articles),
        )


class _Asked(_In):
    filters: FiltersIn = Field(default_factory=FiltersIn)
    as_of: Day | None = Field(None, description="show the archive as it stood at the end of it")
    infer_filters: bool = Field(True, description="read dates and publishers in the words")


class AskIn(_Asked):
    """A question, and the conversation before it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASK, _FOLLOW_UP]})
    question: str = Field(min_length=1, max_length=LONGEST_TURN)
    history: list[TurnIn] = Field(
        default_factory=list, max_length=MOST_TURNS, description="oldest first"
    )

    def turns(self) -> list[Turn]:
        """The conversation as the pipeline takes it."""
        return [Turn(turn.question, turn.answer) for turn in self.history]


class SearchIn(_Asked):
    """A query for passages."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"query": "arms sale", "limit": 5, "as_of": "2022-09-30"}]}
    )
    query: str = Field(min_length=1, max_length=LONGEST_TURN)
    limit: int = Field(10, ge=1, le=100, description="most passages")


class ArticleIn(_In):
    """An article to take in. Its `url` identifies it: the same url again is a new version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://harbor-wire.example/2024/05/ferry",
                    "title": "Ferry to Saltmarsh runs again",
                    "text": "The ferry to Saltmarsh ran again on Tuesday, the port office said.",
                    "published_at": "2024-05-14",
                    "publisher": "Harbor Wire",
                }
            ]
        }
    )
    url: str = Field(min_length=1, max_length=LONGEST_URL)
    title: str = Field("", max_length=LONGEST_URL)
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    published_at: str | None = Field(None, max_length=100, description="ISO 8601 or written out")
    updated_at: str | None = Field(None, max_length=100)
    publisher: Name | None = None
    authors: list[Name] = Field(default_factory=list, max_length=MOST_NAMES)
    language: str | None = Field(None, max_length=35)


class StageOut(_Out):
    """What one stage thought of a passage; rank from 1, higher score is better."""

    score: float
    rank: int


class CopyOut(_Out):
    """Another article that carries the same text."""

    url: str
    publisher: str | None = None


class PassageOut(_Out):
    """A passage: `text` is `article.text[start:end]`, offsets in characters."""

    id: str
    article_id: str
    url: str
    title: str
    publisher: str | None
    published_at: str | None
    text: str
    start: int
    end: int
    score: float
    stages: dict[str, StageOut]
    copies: list[CopyOut]


class ArticleOut(_Out):
    """An article without its text."""

    id: str
    url: str
    title: str
    publisher: str | None
    published_at: str | None
    updated_at: str | None
    authors: list[str]
    version: int


class WholeArticleOut(ArticleOut):
    """An article with its text."""

    text: str


class ArticlePageOut(_Out):
    """One page of the list, newest first; `total` is the length of the whole list."""

    total: int
    offset: int
    limit: int
    articles: list[ArticleOut]


class CitationOut(_Out):
    """A numbered quote: `quote` is `article.text[start:end]`, word for word."""

    number: int
    quote: str
    start: int
    end: int
    url: str
    title: str
    publisher: str | None
    published_at: str | None
    article: ArticleOut
    copies: list[CopyOut]


class AppliedFiltersOut(_Out):
    """The limits in force: given, read from the words, and both together."""

    given: dict[str, Any]
    inferred: list[dict[str, Any]]
    combined: dict[str, Any]


class AnswerOut(_Out):
    """A whole answer. `abstained`: the archive does not answer the question."""

    question: str
    standalone_question: str
    answer: str
    text: str
    citations: list[CitationOut]
    passages: list[PassageOut]
    filters: AppliedFiltersOut
    abstained: bool
    confidence: float
    notes: list[str]
    timings_ms: dict[str, float]


class SearchOut(_Out):
    """Passages, best first."""

    filters: AppliedFiltersOut
    passages: list[PassageOut]


class RejectionOut(_Out):
    """What could not be taken in, and why."""

    source: str
    reason: str


class IngestOut(_Out):
    """What became of the articles that were sent."""

    added: int
    updated: int
    unchanged: int
    copies: int
    rejected: list[RejectionOut]
    passages: int
    seconds: float


class PublisherOut(_Out):
    """A publisher and its number of articles."""

    publisher: str
    articles: int


class ArchiveOut(_Out):
    """What the archive holds."""

    articles: int
    passages: int
    publishers: list[PublisherOut]
    oldest: str | None
    newest: str | None
    undated: int
    clusters: int
    bytes: int
    embedder: str
    chunk_tokens: int
    fingerprint: str


class ProblemOut(_Out):
    """An error (RFC 9457)."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Service Unavailable",
                    "status": 503,
                    "detail": "The server is busy with other requests. Try again in 4 s.",
                    "instance": "/api/ask",
                    "request_id": "5f0c9a4e1b7d4c0a9a55c1d2f3e4b5a6",
                }
            ]
        },
    )
    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None


class HealthOut(_Out):
    """Alive, or ready."""

    status: str
