"""What somebody may do, as it travels with a request.

In: a request that `access` has let in. Out: whose it is and what it may do.
Refuses to know: keys, passwords, cookies.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.requests import HTTPConnection

_STATE = "principal"


class Role(StrEnum):
    """`read` may ask and look; `ingest` may change the archive as well."""

    READ = "read"
    INGEST = "ingest"

    def covers(self, needed: Role) -> bool:
        """Whether somebody of this role may do what needs the other."""
        return self is Role.INGEST or needed is Role.READ


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody: `id` counts requests by, `name` is shown in the log."""

    id: str
    name: str
    role: Role


def let_in(scope: MutableMapping[str, Any], principal: Principal) -> None:
    """Write down on the request whose it is."""
    state = scope.setdefault("state", {})
    state[_STATE] = principal
    state["who"] = principal.name


def principal_of(scope: MutableMapping[str, Any]) -> Principal | None:
    """Whose request it is; None before anybody was let in."""
    found: Principal | None = scope.get("state", {}).get(_STATE)
    return found


def may_ingest(request: HTTPConnection | None) -> bool:
    """Whether a request may change the archive; one that nobody let in may not."""
    principal = principal_of(request.scope) if request is not None else None
    return principal is not None and principal.role.covers(Role.INGEST)
