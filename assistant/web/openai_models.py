"""The parts of OpenAI's chat protocol that are understood here.

In: a request as OpenAI's clients send it. Out: a question, the conversation before it, limits.
Refuses to know: answers. Members that are not named here (temperature, tools …) are passed over,
as nothing here samples or calls anything.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.extractive import NOT_IN_ARCHIVE
from assistant.errors import QuestionError
from assistant.types import Turn
from assistant.web.models import LONGEST_TURN, MOST_TURNS, Day, FiltersIn

MODEL = "news-assistant"
SOURCES = "\n\nSources:\n"
_MOST_PARTS = 100
_MARK = re.compile(r"\s*\[\d{1,3}\]")


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore")


class PartIn(_In):
    """A part of a message; only text is read."""

    type: str = Field(max_length=100)
    text: str | None = Field(None, max_length=LONGEST_TURN)


class MessageIn(_In):
    """One message. Those of `system` and `developer` are passed over: nothing here takes orders."""

    role: str = Field(max_length=100)
    content: str | list[PartIn] | None = Field(None, max_length=LONGEST_TURN)

    def text(self) -> str:
        """The message's words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content[:_MOST_PARTS] if part.text)
        return self.content or ""


class StreamOptionsIn(_In):
    """How to stream."""

    include_usage: bool | None = None


class CompletionIn(_In):
    """A request; `filters`, `as_of` and `infer_filters` are ours, as in /api/ask."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "Who denied the arms sale?"}],
                    "stream": False,
                }
            ]
        },
    )
    model: str = Field(MODEL, max_length=300)
    messages: list[MessageIn] = Field(min_length=1, max_length=2 * MOST_TURNS + 1)
    stream: bool | None = False
    stream_options: StreamOptionsIn | None = None
    n: int | None = Field(1, ge=1, le=1, description="one answer is all there is")
    filters: FiltersIn = Field(default_factory=FiltersIn)
    as_of: Day | None = None
    infer_filters: bool = True

    def question(self) -> str:
        """The last message. Raises QuestionError where it is not the user's."""
        last = self.messages[-1]
        if last.role != "user":
            raise QuestionError("The last message must be the user's: it is the question.")
        return last.text()

    def turns(self) -> list[Turn]:
        """The exchanges before the question, with answers as they read without their sources."""
        turns: list[Turn] = []
        for message in self.messages[:-1]:
            if message.role == "user":
                turns.append(Turn(message.text()))
            elif message.role == "assistant" and turns:
                text = _MARK.sub("", message.text().partition(SOURCES)[0]).strip()
                told = "" if text.startswith(NOT_IN_ARCHIVE) else text
                turns[-1] = Turn(turns[-1].question, told)
        return turns


class CompletionOut(BaseModel):
    """As OpenAI's `chat.completion`; each message has `annotations` and our `citations`."""

    model_config = ConfigDict(extra="allow")
    id: str
    object: str
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]


class ModelsOut(BaseModel):
    """As OpenAI's list of models."""

    object: str
    data: list[dict[str, Any]]
