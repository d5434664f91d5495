"""By which names the server is reached, and from whose pages.

In: requests. Out: the same, or 421 and 403.
Refuses to know: keys. Two attacks end here that need none: a name that resolves to 127.0.0.1 only
after its page was loaded (DNS rebinding), and another site's page that posts to this one (CSRF).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.access import SAFE_METHODS
from assistant.web.problems import problem
from assistant.web.serving import is_loopback

if TYPE_CHECKING:
    from assistant.settings import Settings

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class HostGuard:
    """ASGI middleware; WebSockets, which nothing here speaks, are refused."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        named = frozenset(_hostname(f"//{name}") for name in settings.allowed_hosts)
        self._origins = frozenset(origin.rstrip("/") for origin in settings.cors_origins)
        own = {settings.host.strip("[]").casefold()}
        # Elsewhere nobody gets anything without a key, and the server cannot know all its names:
        # there the list is used where one is set.
        listed = is_loopback(settings.host) or bool(named)
        self._named = named
        self._hosts = named | _LOOPBACK_NAMES | own if listed else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "http":
            await (self._refused(scope) or self.app)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts is not None and _hostname(f"//{host}") not in self._hosts:
            detail = (
                "This server is not known by that host name. Add it to the setting allowed_hosts."
            )
            return problem(scope, HTTPStatus.MISDIRECTED_REQUEST, detail)
        origin = headers.get("origin")
        if origin and scope["method"] not in SAFE_METHODS and not self._is_ours(origin, host):
            detail = "Pages of other sites may not call this server. See the setting cors_origins."
            return problem(scope, HTTPStatus.FORBIDDEN, detail)
        return None

    def _is_ours(self, origin: str, host: str) -> bool:
        if origin in self._origins or _hostname(origin) in self._named:
            return True
        return _netloc(origin) == host.casefold()


def _netloc(origin: str) -> str:
    """Host and port of an origin as a Host header has them; empty where there is no host."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.casefold() if parts.scheme in ("http", "https") else ""


def _hostname(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold()
    except ValueError:
        return ""
