"""The assistant as an OpenAI-compatible model, so that any chat client can sit in front.

In: chat completion requests. Out: completions, whole or streamed, with the sources in the text,
as OpenAI's `annotations` and as our own `citations` (the quotes with their offsets).
Refuses to know: how answers are found.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response

from assistant.answering.assistant import Event, Finished, TextDelta
from assistant.archive.chunking import count_tokens
from assistant.types import Answer, Citation, show_date
from assistant.web import events
from assistant.web.api import COMMON_PROBLEMS, last_answer
from assistant.web.events import EventStream, frame
from assistant.web.openai_models import MODEL, SOURCES, CompletionIn, CompletionOut, ModelsOut
from assistant.web.services import Services, Shared

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

OWNER = "news-assistant"
_DONE = "[DONE]"
_FAILED = {"error": {"message": "The answer failed on the server.", "type": "server_error"}}
_WITH_404 = {**COMMON_PROBLEMS, 404: {**COMMON_PROBLEMS[400], "description": "No such model"}}
_STARTED = int(time.time())


@router.get("/models", summary="List the one model", response_model=ModelsOut)
async def models() -> Response:
    """The assistant as the one model there is."""
    return JSONResponse({"object": "list", "data": [_model()]})


@router.get("/models/{model}", summary="Describe the model", responses=_WITH_404)
async def model(model: str) -> Response:
    """The same, alone."""
    _check_model(model)
    return JSONResponse(_model())


@router.post(
    "/chat/completions",
    summary="Ask as OpenAI's clients do",
    response_model=CompletionOut,
    responses={
        **_WITH_404,
        200: {
            "description": "A completion, or its chunks where `stream` is true",
            "content": {events.MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
    },
)
async def complete(asked: CompletionIn, services: Shared) -> Response:
    """The last user message is the question; the messages before it are the conversation."""
    _check_model(asked.model)
    question = asked.question()
    begin = partial(_events, asked, question, services)
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
    if asked.stream:
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        frames = partial(_chunks, head=head, asked=asked, with_usage=usage)
        return await EventStream.open(services.asking, begin, frames, frame(_FAILED))
    answer = await services.asking.run(lambda: last_answer(begin()))
    message = {"role": "assistant", "content": _whole_text(answer), **_sources(answer)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    body = {
        **head,
        "object": "chat.completion",
        "choices": [choice],
        "usage": _usage(asked, answer),
    }
    return JSONResponse(body)


def _events(asked: CompletionIn, question: str, services: Services) -> Iterator[Event]:
    stream = services.assistant.stream(
        question,
        asked.turns(),
        asked.filters.to_filters(),
        asked.as_of,
        infer_filters=asked.infer_filters,
    )
    return services.observer.watched(stream)


async def _chunks(
    steps: AsyncIterator[Event], *, head: dict[str, Any], asked: CompletionIn, with_usage: bool
) -> AsyncIterator[str]:
    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        usage = {"usage": None} if with_usage else {}
        return frame({**head, "object": "chat.completion.chunk", "choices": [choice], **usage})

    yield chunk({"role": "assistant", "content": ""})
    async for event in steps:
        match event:
            case TextDelta(text=text):
                yield chunk({"content": text})
            case Finished(answer=answer):
                if tail := _tail(answer):
                    yield chunk({"content": tail})
                yield chunk(_sources(answer), "stop")
                if with_usage:
                    usage = {"choices": [], "usage": _usage(asked, answer)}
                    yield frame({**head, "object": "chat.completion.chunk", **usage})
    yield frame(_DONE)


def _whole_text(answer: Answer) -> str:
    return answer.text + _tail(answer)


def _tail(answer: Answer) -> str:
    """Notes and the list of sources, which follow the answer's sentences."""
    notes = "".join(f"\n\n{note}" for note in answer.notes)
    lines = [_source_line(citation) for citation in answer.citations]
    return notes + (SOURCES + "\n".join(lines) if lines else "")


def _source_line(citation: Citation) -> str:
    article = citation.article
    parts = (
        article.title,
        article.publisher,
        show_date(article.published_at, article.date_only) or "undated",
        article.url,
    )
    return f"[{citation.number}] " + ", ".join(part for part in parts if part)


def _sources(answer: Answer) -> dict[str, Any]:
    """The citations twice: as OpenAI marks web sources, and whole."""
    annotations = []
    for citation in answer.citations:
        mark = f"[{citation.number}]"
        start = answer.text.find(mark)
        if start >= 0:
            place = {
                "start_index": start,
                "end_index": start + len(mark),
                "url": citation.article.url,
                "title": citation.article.title,
            }
            annotations.append({"type": "url_citation", "url_citation": place})
    citations = [citation.to_json() for citation in answer.citations]
    return {"annotations": annotations, "citations": citations, "abstained": answer.abstained}


def _usage(asked: CompletionIn, answer: Answer) -> dict[str, int]:
    prompt = sum(count_tokens([message.text() for message in asked.messages]))
    completion = sum(count_tokens([_whole_text(answer)]))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _STARTED, "owned_by": OWNER}


def _check_model(name: str) -> None:
    if name != MODEL:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"The one model here is {MODEL}.")
