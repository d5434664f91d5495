"""Asking and searching over HTTP.

In: requests. Out: answers and passages as JSON, or an answer's events as they happen.
Refuses to know: how answers are found; who may ask (`access`).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response

from assistant.answering.assistant import Event, Finished, Retrieved, TextDelta, Understood
from assistant.types import Answer
from assistant.web import events, problems
from assistant.web.events import EventStream, frame
from assistant.web.models import AskIn, SearchIn
from assistant.web.responses import AnswerOut, ArchiveOut, ProblemOut, SearchOut
from assistant.web.services import Services, Shared

router = APIRouter(prefix="/api")

_PROBLEM: dict[str, Any] = {
    "model": ProblemOut,
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
}
COMMON_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {**_PROBLEM, "description": "The body cannot be parsed"},
    401: {**_PROBLEM, "description": "No key or login"},
    403: {**_PROBLEM, "description": "The key or login may not do this"},
    413: {**_PROBLEM, "description": "The request is too large"},
    422: {**_PROBLEM, "description": "The request is not valid"},
    429: {**_PROBLEM, "description": "Too many requests; see Retry-After"},
    503: {**_PROBLEM, "description": "Busy; see Retry-After"},
}
_STREAM_FAILED = "The answer failed on the server; its log has the details."
_EVENTS_EXAMPLE = (
    'event: text\ndata: {"text": "North Korea denied it. [1]"}\n\n'
    'event: answer\ndata: {"question": "…"}\n\n'
)


@router.post(
    "/ask",
    tags=["asking"],
    summary="Ask a question",
    description=(
        "The answer as one JSON document; with `Accept: text/event-stream` its events as they "
        "happen: `understood`, `retrieved`, `text` (any number), `answer` (the same document), or "
        "`problem` where it fails on the way."
    ),
    response_model=AnswerOut,
    responses={
        **COMMON_PROBLEMS,
        200: {
            "description": "The answer, or that the archive has none (`abstained`)",
            "content": {
                events.MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EVENTS_EXAMPLE}
            },
        },
    },
)
async def ask(asked: AskIn, services: Shared, accept: Annotated[str, Header()] = "") -> Response:
    """See the route's description."""
    begin = partial(_events, asked, services)
    if events.MEDIA_TYPE in accept:
        failed = frame(
            {"title": "Internal Server Error", "status": 500, "detail": _STREAM_FAILED}, "problem"
        )
        return await EventStream.open(services.asking, begin, _frames, failed)
    answer = await services.asking.run(lambda: last_answer(begin()))
    return JSONResponse(answer.to_json())


def _events(asked: AskIn, services: Services) -> Iterator[Event]:
    stream = services.assistant.stream(
        asked.question,
        asked.turns(),
        asked.filters.to_filters(),
        asked.as_of,
        infer_filters=asked.infer_filters,
    )
    return services.observer.watched(stream)


def last_answer(stream: Iterator[Event]) -> Answer:
    """The answer at the end of a stream."""
    answer = None
    for event in stream:
        if isinstance(event, Finished):
            answer = event.answer
    if answer is None:
        raise RuntimeError("a stream ends with Finished")
    return answer


async def _frames(steps: AsyncIterator[Event]) -> AsyncIterator[str]:
    async for event in steps:
        match event:
            case Understood(query=query):
                data: dict[str, Any] = {
                    "standalone_question": query.standalone_question,
                    "filters": query.filters.to_json(),
                }
                yield frame(data, "understood")
            case Retrieved(passages=passages):
                yield frame({"passages": [one.to_json() for one in passages]}, "retrieved")
            case TextDelta(text=text):
                yield frame({"text": text}, "text")
            case Finished(answer=answer):
                yield frame(answer.to_json(), "answer")


@router.post(
    "/search",
    tags=["asking"],
    summary="Find passages",
    response_model=SearchOut,
    responses=COMMON_PROBLEMS,
)
async def search(wanted: SearchIn, services: Shared) -> Response:
    """The passages that fit a query best, best first."""
    found = await services.asking.run(partial(_found, wanted, services))
    return JSONResponse(found)


def _found(wanted: SearchIn, services: Services) -> dict[str, Any]:
    from assistant.retrieval.query import understand

    assistant = services.assistant
    started = time.perf_counter()
    query = understand(
        wanted.query,
        assistant.archive,
        filters=wanted.filters.to_filters(),
        as_of=wanted.as_of,
        infer_filters=wanted.infer_filters,
    )
    passages = assistant.retriever.search(query, top_n=wanted.limit)
    services.observer.searched(time.perf_counter() - started)
    return {
        "filters": query.filters.to_json(),
        "passages": [passage.to_json() for passage in passages],
    }


@router.get(
    "/archive",
    tags=["archive"],
    summary="What the archive holds",
    response_model=ArchiveOut,
    responses=COMMON_PROBLEMS,
)
async def archive(services: Shared) -> Response:
    """Counts, days and publishers."""
    stats = await services.reading.run(services.assistant.archive.stats)
    return JSONResponse({k: v for k, v in stats.to_json().items() if k != "path"})
