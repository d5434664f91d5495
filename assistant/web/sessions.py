"""Browsers that have signed in: a random token each, kept in memory.

In: a credential's id. Out: a token for a cookie, and back. A restart signs everybody out.
Refuses to know: cookies, passwords.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict

SESSION_S = 12 * 3600
_MOST_SESSIONS = 10_000
_TOKEN_BYTES = 32


class Sessions:
    """Who is signed in; only digests of the tokens are held."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def begin(self, credential_id: str) -> str:
        """A token for somebody who has just signed in; the oldest session goes past the limit."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._open[_digest(token)] = (credential_id, time.monotonic() + SESSION_S)
        while len(self._open) > _MOST_SESSIONS:
            self._open.popitem(last=False)
        return token

    def whose(self, token: str) -> str | None:
        """The credential's id; None for a token that is unknown or too old."""
        credential_id, ends_at = self._open.get(_digest(token), ("", 0.0))
        if ends_at > time.monotonic():
            return credential_id
        self._open.pop(_digest(token), None)
        return None

    def end(self, token: str) -> None:
        """Sign out."""
        self._open.pop(_digest(token), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
