"""Who may do what: keys, sessions and roles, checked before any route sees a request.

In: requests. Out: the same with their `Principal` written on, or 401 and 403.
Refuses to know: what the routes do beyond the table here. What the table does not name needs
`read`; a change below `/api` needs `ingest`.
"""

from __future__ import annotations

from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.web.credentials import Credential, Credentials
from assistant.web.limits import Refusals
from assistant.web.problems import problem
from assistant.web.roles import Principal, Role, let_in
from assistant.web.serving import is_loopback
from assistant.web.sessions import Sessions

if TYPE_CHECKING:
    from assistant.settings import Settings

COOKIE = "news_assistant_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PUBLIC = frozenset({"/healthz", "/readyz", "/login", "/logout"})
_ASKING = frozenset({"/api/ask", "/api/search"})
_UPLOAD = "/gradio_api/upload"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="news-assistant"'}


class Gate:
    """Decides whose a request is; one for each server.

    `credentials` is None where access is off, which is allowed on loopback only.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError for a server that anybody could reach and nobody could sign in to.

        The message names the remedy.
        """
        self.sessions = Sessions()
        self.credentials: Credentials | None = None
        if settings.api_keys_file is not None:
            self.credentials = Credentials(settings.api_keys_file)
            if not self.credentials.all():
                raise SettingsError(
                    f"There are no keys in {settings.api_keys_file}. Make one first: "
                    f"news-assistant key add NAME --file {settings.api_keys_file}"
                )
        elif not is_loopback(settings.host):
            raise SettingsError(
                f"{settings.host} can be reached from other machines, and no keys are set. Make "
                "one with: news-assistant key add NAME --file keys.json, and set "
                "NEWS_ASSISTANT_API_KEYS_FILE=keys.json; or listen on 127.0.0.1."
            )

    def principal(self, scope: Scope) -> Principal | None:
        """Whose request this is; None for nobody's."""
        if self.credentials is None:
            client = scope.get("client") or ("local",)
            return Principal(f"address:{client[0]}", "local", Role.INGEST)
        headers = Headers(scope=scope)
        key = key_of(headers)
        if key is not None:
            return as_principal(self.credentials.check_key(key))
        token = cookie_of(headers)
        owner = self.sessions.whose(token) if token else None
        return as_principal(self.credentials.get(owner)) if owner else None


class Access:
    """ASGI middleware: lets in who may, answers the others."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate
        self._refusals = Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        principal = self.gate.principal(scope)
        if principal is not None:
            let_in(scope, principal)
        refused = self._refused(scope, principal)
        await (refused or self.app)(scope, receive, send)

    def _refused(self, scope: Scope, principal: Principal | None) -> Response | None:
        role = needed(scope["method"], scope["path"])
        if role is None:
            return None
        if principal is None:
            page = "text/html" in Headers(scope=scope).get("accept", "")
            if page and scope["method"] == "GET":
                return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
            if waiting := self._refusals.another(scope):
                return waiting
            detail = "Send a key as Authorization: Bearer KEY, or sign in at /login."
            return problem(scope, HTTPStatus.UNAUTHORIZED, detail, headers=_CHALLENGE)
        if not principal.role.covers(role):
            detail = f"This needs the role {role}; {principal.name} has the role {principal.role}."
            return problem(scope, HTTPStatus.FORBIDDEN, detail)
        return None


def needed(method: str, path: str) -> Role | None:
    """The role that a request needs; None where everybody may."""
    if path in _PUBLIC:
        return None
    if method in SAFE_METHODS:
        return Role.READ
    changes = path.startswith("/api/") and path not in _ASKING
    return Role.INGEST if changes or path.startswith(_UPLOAD) else Role.READ


def as_principal(credential: Credential | None) -> Principal | None:
    """Somebody by credential."""
    if credential is None:
        return None
    return Principal(f"credential:{credential.id}", credential.name, credential.role)


def key_of(headers: Headers) -> str | None:
    """The key that a request carries, where it carries one."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    return headers.get("x-api-key")


def cookie_of(headers: Headers) -> str | None:
    """The session token that a browser sent."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return unquote(found.value) if found else None
