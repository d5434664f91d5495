"""What the server says about itself: counters, traces, and one log line for each request.

In: requests and pipeline events as they pass. Out: Prometheus metrics, OpenTelemetry spans, log
events. Refuses to know: headers, bodies and query strings, which may hold secrets; only method,
path, status, time, who asked (a key's name) and the request's id are told.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answering.assistant import Event, Finished
from assistant.web import problems
from assistant.web.tracing import Tracing

if TYPE_CHECKING:
    from assistant.web.services import Services

logger = structlog.stdlib.get_logger(__name__)

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
# Two cores answer in 0.2 to 2 s; the ends catch cached look-ups and full lines.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# The parts of the page, which nobody reads a line each about.
_QUIET_PREFIXES = ("/assets/", "/static/", "/gradio_api/", "/theme.css", "/svelte/")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OWN_PREFIXES = ("/api/", "/v1/", "/mcp", "/healthz", "/readyz", "/metrics", "/login", "/logout")


class Observer:
    """One server's counters and tracer."""

    def __init__(self, tracing: Tracing) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.tracing = tracing
        self.requests = Counter(
            "news_assistant_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "news_assistant_request_seconds",
            "Time to the end of the response.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.answers = Counter(
            "news_assistant_answers",
            "Answers by outcome: answered or abstained.",
            ("outcome",),
            registry=self.registry,
        )
        self.stage_seconds = Histogram(
            "news_assistant_stage_seconds",
            "Time of an answer's stages.",
            ("stage",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.jobs = Gauge(
            "news_assistant_jobs",
            "Jobs in each pool, running or waiting.",
            ("pool", "state"),
            registry=self.registry,
        )

    def watched(self, stream: Iterator[Event]) -> Iterator[Event]:
        """The same events, with the answer at their end counted and traced."""
        started_ns = time.time_ns()
        for event in stream:
            if isinstance(event, Finished):
                answer = event.answer
                self.answers.labels("abstained" if answer.abstained else "answered").inc()
                for stage, ms in answer.timings_ms.items():
                    self.stage_seconds.labels(stage).observe(ms / 1000)
                self.tracing.answered(answer, started_ns)
            yield event

    def searched(self, seconds: float) -> None:
        """Count one search."""
        self.stage_seconds.labels("search").observe(seconds)

    def exposition(self, services: Services) -> bytes:
        """All metrics as Prometheus reads them."""
        pools = {
            "asking": services.asking, "reading": services.reading, "writing": services.writing,
        }  # fmt: skip
        for name, pool in pools.items():
            self.jobs.labels(name, "running").set(pool.running)
            self.jobs.labels(name, "waiting").set(pool.waiting)
        return generate_latest(self.registry)


class RequestLog:
    """ASGI middleware around all others but the headers: names, times, counts, logs requests.

    What nothing else caught ends here: it is logged, and the client gets a problem document.
    """

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self.app = app
        self.observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if SANE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        path = scope["path"]  # a mount below changes the scope
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            self.observer.tracing.request(scope),
        ):
            try:
                await self.app(scope, receive, send_named)
            except Exception:
                logger.exception("A request failed.")
                if status:
                    raise  # too late for a status; the server cuts the connection
                await problems.unexpected(scope)(scope, receive, send_named)
            finally:
                self._note(scope, path, status, time.perf_counter() - started)

    def _note(self, scope: Scope, path: str, status: int, seconds: float) -> None:
        route = _route_name(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.observer.requests.labels(route, method, str(status)).inc()
        self.observer.request_seconds.labels(route).observe(seconds)
        quiet = path.startswith(_QUIET_PREFIXES) or not path.startswith(_OWN_PREFIXES)
        tell = logger.debug if quiet else logger.info
        tell(
            "request",
            method=scope["method"],
            path=path,
            status=status,
            seconds=round(seconds, 4),
            who=scope["state"].get("who"),
        )


def _route_name(scope: Scope) -> str:
    """A name out of a small set, however many paths are tried: routes, not addresses."""
    extra: str | None = scope["state"].get("extra")
    if extra is not None:
        return "chat" if extra == "/" else extra
    template = getattr(scope.get("route"), "path", None)
    return template if template and scope.get("endpoint") is not None else "unmatched"
