"""How often and how much: requests a minute, bytes a request.

In: requests. Out: the same, or 429 with Retry-After, or 413.
Refuses to know: what is asked. Bytes are counted as they come, so a body without a length, or with
a wrong one, is cut off like any other.
"""

from __future__ import annotations

import math
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import HTTPException
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.problems import problem
from assistant.web.roles import principal_of

if TYPE_CHECKING:
    from assistant.settings import Settings

# Guessing a password is slow work then; a person mistypes a few times.
SIGN_INS_A_MINUTE = 10
REFUSALS_A_MINUTE = 60
MEGABYTE = 1_000_000
# A conversation that the browser keeps, and a question about it, take less.
LARGEST_JSON = 1 * MEGABYTE
# The chat sends the files that were dropped on it together.
FILES_TOGETHER = 10
_LIMITED = ("/api/", "/v1/", "/mcp", "/gradio_api/queue/join", "/gradio_api/upload")
_JSON_ONLY = ("/api/ask", "/api/search", "/v1/", "/login", "/logout")
_SIGN_IN = "/login"


class RateLimit:
    """ASGI middleware inside `Access`: counts by key, or by address where nobody has signed in."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._window = MovingWindowRateLimiter(MemoryStorage())
        most = settings.requests_per_minute
        self._requests = RateLimitItemPerMinute(most, namespace="requests") if most else None
        self._sign_ins = RateLimitItemPerMinute(SIGN_INS_A_MINUTE, namespace="sign-ins")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            item, who = self._counted(scope)
            if item is not None and not self._window.hit(item, who):
                await self._too_many(scope, item, who)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _counted(self, scope: Scope) -> tuple[RateLimitItem | None, str]:
        address = f"address:{(scope.get('client') or ('unknown',))[0]}"
        if scope["path"] == _SIGN_IN and scope["method"] == "POST":
            return self._sign_ins, address
        if scope["path"].startswith(_LIMITED):
            principal = principal_of(scope)
            return self._requests, principal.id if principal else address
        return None, address

    def _too_many(self, scope: Scope, item: RateLimitItem, who: str) -> ASGIApp:
        return too_many(scope, self._window.get_window_stats(item, who).reset_time)


class Refusals:
    """Counts the requests without a valid key by address; who has one is never counted."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerMinute(REFUSALS_A_MINUTE, namespace="refusals")

    def another(self, scope: Scope) -> Response | None:
        """Count one more; a 429 where there have been too many."""
        who = str((scope.get("client") or ("unknown",))[0])
        if self._window.hit(self._item, who):
            return None
        return too_many(scope, self._window.get_window_stats(self._item, who).reset_time)


def too_many(scope: Scope, reset_time: float) -> Response:
    """429, until the moment given in seconds since 1970."""
    wait_s = max(1, math.ceil(reset_time - time.time()))
    detail = f"Too many requests. Try again in {wait_s} s."
    headers = {"Retry-After": str(wait_s)}
    return problem(scope, HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers)


class BodyLimit:
    """ASGI middleware: a request of more bytes than its route takes gets a 413."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._upload = settings.max_upload_mb * MEGABYTE

    def most_bytes(self, path: str) -> int:
        """The largest body that a path takes."""
        if path.startswith(_JSON_ONLY):
            return LARGEST_JSON
        return self._upload * (FILES_TOGETHER if path.startswith("/gradio_api/upload") else 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most_bytes(scope["path"])
        detail = f"The request is larger than {most:,} bytes, the most that is taken here."
        refusal = problem(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        claimed = Headers(scope=scope).get("content-length", "0")
        if claimed.isdecimal() and int(claimed) > most:
            await refusal(scope, receive, send)
            return
        came = 0
        started = False

        async def receive_counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
            return message

        async def send_unless_cut(message: Message) -> None:
            # Whatever the app makes of the exception, a cut body is answered with 413 alone.
            nonlocal started
            if came <= most or started:
                started = True
                await send(message)

        try:
            await self.app(scope, receive_counted, send_unless_cut)
        except HTTPException:
            if came <= most or started:
                raise
        if came > most and not started:
            await refusal(scope, receive, send)
