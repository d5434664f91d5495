"""The one web app: API, health, and whatever is mounted beside them (the chat, MCP).

In: an `Assistant`, `Settings`, further ASGI apps. Out: one FastAPI app.
Refuses to know: Gradio; how it is served (`server`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from assistant.web import api, articles_api, health, login, openai_api, problems
from assistant.web.access import Access, Gate
from assistant.web.headers import SecurityHeaders
from assistant.web.hosts import HostGuard
from assistant.web.limits import BodyLimit, RateLimit
from assistant.web.observability import Observer, RequestLog
from assistant.web.services import Services
from assistant.web.tracing import Tracing

if TYPE_CHECKING:
    from assistant.answering.assistant import Assistant
    from assistant.settings import Settings

# Paths that are ours alone: what is unknown below them is a 404, never the chat page.
OWN_PREFIXES = ("/api/", "/v1/", "/openapi.json", "/healthz", "/readyz", "/metrics")
DESCRIPTION = (
    "Questions to a news archive, answered with quotes from dated articles, word for word. "
    "Errors are problem documents (RFC 9457)."
)


@dataclass(frozen=True, slots=True)
class Extra:
    """An app that is served beside the API.

    It gets all requests for `prefix` and below, with the whole path ("/" gets whatever nothing
    else takes), and its lifespan is run with ours. Access, limits and headers apply to it.
    """

    prefix: str
    app: Starlette


def build_app(assistant: Assistant, settings: Settings, extras: Sequence[Extra] = ()) -> FastAPI:
    """The app over an open assistant, which stays the caller's to close.

    Raises SettingsError for settings under which anybody could reach it without a key.
    """
    gate = Gate(settings)
    tracing = Tracing(settings.otlp_endpoint)
    observer = Observer(tracing)
    services = Services.of(assistant, settings, observer, gate)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(tracing.close)
            for extra in extras:
                await stack.enter_async_context(extra.app.router.lifespan_context(extra.app))
            # The embedder is loaded when first used: not in somebody's first question.
            await anyio.to_thread.run_sync(assistant.archive.embed, "ready")
            services.ready = True
            yield

    app = FastAPI(
        title="News assistant",
        version=version("news-assistant"),
        description=DESCRIPTION,
        docs_url=None,  # FastAPI's page loads its scripts from another host
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    for part in (articles_api, api, openai_api, health, login):
        app.include_router(part.router)
    problems.install(app)
    app.router.default = _Rest(extras)
    _guard(app, settings, gate, observer)
    return app


def _guard(app: FastAPI, settings: Settings, gate: Gate, observer: Observer) -> None:
    """What each request goes through, innermost first."""
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(RateLimit, settings=settings)
    app.add_middleware(Access, gate=gate)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "X-API-Key", "X-Request-ID"),
            expose_headers=("Retry-After", "X-Request-ID"),
        )
    app.add_middleware(HostGuard, settings=settings)
    app.add_middleware(RequestLog, observer=observer)
    app.add_middleware(SecurityHeaders)


class _Rest:
    """Where requests go that no route of ours takes."""

    def __init__(self, extras: Sequence[Extra]) -> None:
        # The longest prefix first, "/" last.
        self._extras = sorted(extras, key=lambda extra: -len(extra.prefix))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = self._target(scope["path"])
        if target is not None:
            scope.setdefault("state", {})["extra"] = target.prefix
            await target.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            detail = "There is nothing at this address; /openapi.json lists what there is."
            await problems.problem(scope, 404, detail)(scope, receive, send)

    def _target(self, path: str) -> Extra | None:
        for extra in self._extras:
            below = extra.prefix if extra.prefix.endswith("/") else f"{extra.prefix}/"
            if path == extra.prefix or path.startswith(below):
                ours = extra.prefix == "/" and path.startswith(OWN_PREFIXES)
                return None if ours else extra
        return None
