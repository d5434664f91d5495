"""The page where a browser signs in and out.

In: a name and password, or a key. Out: a session cookie that scripts cannot read and other sites
cannot send. Refuses to know: what is behind it.
"""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.web.access import COOKIE, Gate, cookie_of
from assistant.web.credentials import LONGEST_SECRET, Credentials
from assistant.web.escape import show
from assistant.web.roles import principal_of
from assistant.web.services import Shared
from assistant.web.sessions import SESSION_S

logger = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

_PAGE = Template((Path(__file__).parent / "static" / "login.html").read_text("utf-8"))
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_FORM = """<form method="post" action="/login">
<label>Name<input name="name" autocomplete="username" autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required>
</label>
<button>Sign in</button>
<p class="hint">With a key instead, leave the name empty and put the key in for the password.</p>
</form>"""
_SIGNED_IN = """<p>Signed in as {name}. <a href="/">Go to the chat</a></p>
<form method="post" action="/logout"><button>Sign out</button></form>"""
_WRONG = '<p role="alert">That name and password do not go together.</p>'


@router.get("/login")
async def form(request: Request, services: Shared) -> Response:
    """The form; who is signed in already may sign out here."""
    if services.gate.credentials is None:
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    principal = principal_of(request.scope)
    return _page(_SIGNED_IN.format(name=show(principal.name)) if principal else _FORM)


@router.post("/login")
async def sign_in(
    request: Request,
    services: Shared,
    password: Annotated[str, Form(max_length=LONGEST_SECRET)],
    name: Annotated[str, Form(max_length=LONGEST_SECRET)] = "",
) -> Response:
    """Start a session, or show the form again."""
    gate: Gate = services.gate
    if gate.credentials is None:
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    check = partial(_check, gate.credentials, name.strip(), password)
    # The password check is slow on purpose, and its line short.
    credential = await services.reading.run(check)
    if credential is None:
        logger.warning("A sign-in failed.")
        return _page(_WRONG + _FORM, HTTPStatus.FORBIDDEN)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        gate.sessions.begin(credential),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
async def sign_out(request: Request, services: Shared) -> Response:
    """End the session."""
    token = cookie_of(request.headers)
    if token:
        services.gate.sessions.end(token)
    response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _check(credentials: Credentials, name: str, password: str) -> str | None:
    """The id of the credential that this is."""
    found = credentials.check_login(name, password) if name else credentials.check_key(password)
    return found.id if found else None


def _page(body: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "no-store",
        # Under no-referrer a browser sends "Origin: null" with a form, which `hosts` refuses.
        "Referrer-Policy": "same-origin",
    }
    return HTMLResponse(_PAGE.substitute(body=body), status, headers=headers)
