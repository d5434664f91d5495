"""What goes into the HTTP API, with examples for its OpenAPI document.

In: JSON. Out: checked values of our own types. Refuses to know: routes.
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
