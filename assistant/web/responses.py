"""What comes out of the HTTP API, for its OpenAPI document.

In: nothing; the values themselves write their JSON (`to_json`). Out: the shapes of it.
Refuses to know: routes. All allow further members: a client must pass over what it does not know.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


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
