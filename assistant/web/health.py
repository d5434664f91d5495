"""Is the server alive, is it ready, what does it count.

In: requests of a supervisor or Prometheus. Out: a word, a status, metrics.
Refuses to know: questions, articles.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from assistant.web.api import COMMON_PROBLEMS
from assistant.web.problems import problem
from assistant.web.responses import HealthOut
from assistant.web.services import Shared

router = APIRouter(tags=["operation"])

_STARTING = "The models are still being loaded."
_RETRY_AFTER = {"Retry-After": "1"}
_NOT_READY: dict[int | str, dict[str, Any]] = {503: COMMON_PROBLEMS[503]}


@router.get("/healthz", summary="Alive?", response_model=HealthOut)
async def healthz() -> Response:
    """200 while the process serves requests."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", summary="Ready?", response_model=HealthOut, responses=_NOT_READY)
async def readyz(request: Request, services: Shared) -> Response:
    """200 when questions are answered; 503 while starting, or while the line is full."""
    if not services.ready:
        return problem(
            request.scope, HTTPStatus.SERVICE_UNAVAILABLE, _STARTING, headers=_RETRY_AFTER
        )
    services.asking.check_room()
    await services.reading.run(services.assistant.archive.days)
    return JSONResponse({"status": "ready"})


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(services: Shared) -> Response:
    """Counters and histograms in Prometheus' text format."""
    body = services.observer.exposition(services)
    return Response(body, media_type=CONTENT_TYPE_LATEST)
