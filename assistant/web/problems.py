"""Every error as a problem document (RFC 9457).

In: exceptions. Out: `application/problem+json` responses.
Refuses to know: what was asked for. Nothing of the request is echoed but its own field names, and
nothing of the server's inside is told: that goes to the log under the `request_id` named here.

Under `/v1/`, where OpenAI's clients look for it, the document has OpenAI's `error` member as well.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from assistant.errors import (
    ArchiveWriteError,
    NewsAssistantError,
    QuestionError,
    SettingsError,
    SourceError,
)
from assistant.web.workers import BusyError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
OPENAI_PREFIX = "/v1/"
SHOWN_FAULTS = 20
_STATUS_BY_ERROR: Mapping[type[NewsAssistantError], int] = {
    QuestionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SettingsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SourceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ArchiveWriteError: HTTPStatus.INSUFFICIENT_STORAGE,
}
_OUR_FAULT = "Something went wrong on the server; its log has the details under this request_id."
_UNWRITABLE = (
    "The archive cannot be written at the moment; nothing was half-written. The server's log says "
    "why, under this request_id."
)


def problem(
    scope: Scope,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    """A problem document; `members` are extension members of it."""
    phrase = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": phrase,
        "status": int(status),
        "detail": detail,
        "instance": scope.get("path", ""),
        "request_id": scope.get("state", {}).get("request_id"),
        **members,
    }
    if scope.get("path", "").startswith(OPENAI_PREFIX):
        kind = "invalid_request_error" if status < 500 else "server_error"
        body["error"] = {"message": detail, "type": kind, "param": None, "code": None}
    return JSONResponse(body, int(status), headers=headers, media_type=MEDIA_TYPE)


def refusal(scope: Scope, error: NewsAssistantError) -> JSONResponse:
    """The document for one of our own errors."""
    if isinstance(error, BusyError):
        wait = {"Retry-After": str(error.retry_after_s)}
        return problem(scope, HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers=wait)
    for kind, status in _STATUS_BY_ERROR.items():
        if isinstance(error, kind):
            if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return problem(scope, status, str(error))
            logger.error("The archive cannot be written: %s", error)
            return problem(scope, status, _UNWRITABLE)
    logger.error("A request failed.", exc_info=error)
    return problem(scope, HTTPStatus.INTERNAL_SERVER_ERROR, _OUR_FAULT)


def unexpected(scope: Scope) -> JSONResponse:
    """The document for a fault of ours; the caller has logged it."""
    return problem(scope, HTTPStatus.INTERNAL_SERVER_ERROR, _OUR_FAULT)


def install(app: FastAPI) -> None:
    """Answer all errors that are raised inside `app` with problem documents."""

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return problem(request.scope, error.status_code, str(error.detail), headers=error.headers)

    async def on_ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, NewsAssistantError)
        return refusal(request.scope, error)

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        faults = [
            {
                "in": str(fault["loc"][0]),
                "pointer": "".join(f"/{part}" for part in fault["loc"][1:]),
                "detail": fault["msg"],
            }
            for fault in error.errors()[:SHOWN_FAULTS]
        ]
        first = faults[0]
        place = f"{first['in']} {first['pointer']}".strip()
        return problem(
            request.scope,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"The request is not valid: {place}: {first['detail']}",
            errors=faults,
        )

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(NewsAssistantError, on_ours)
    app.add_exception_handler(RequestValidationError, on_invalid)
