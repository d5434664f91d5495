"""What is remembered of hosts between requests: their rules, their pauses, whether they answer.

In: what happened at a host. Out: when and whether it may be asked. Refuses to know: connections.

A feed lists forty pages of one host. If that host is down or asks for rest, the first few say so
for all: the others are not to wait for it, nor it to be asked by them, one by one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from assistant.feeds.errors import FetchError
from assistant.feeds.robots import KEPT_S, Robots

_SILENT_TIMES = 3
_REST_S = 300.0


@dataclass(slots=True)
class Hosts:
    """Kept in memory for as long as a process follows feeds; times are `time.monotonic`."""

    _robots: dict[str, tuple[float, Robots | FetchError]] = field(default_factory=dict)
    _ready_at: dict[str, float] = field(default_factory=dict)
    _resting: dict[str, tuple[float, str]] = field(default_factory=dict)
    _silent: dict[str, int] = field(default_factory=dict)

    def robots(self, site: str) -> Robots | None:
        """The site's rules where they are known. Raises FetchError where they could not be had."""
        until, known = self._robots.get(site, (0.0, None))
        if known is None or until < time.monotonic():
            return None
        if isinstance(known, FetchError):
            raise known
        return known

    def keep_robots(self, site: str, found: Robots | FetchError) -> None:
        """Remember rules for a day, or for some minutes that they cannot be had."""
        kept_s = KEPT_S if isinstance(found, Robots) else _REST_S
        self._robots[site] = (time.monotonic() + kept_s, found)

    def pause_s(self, host: str) -> float:
        """Seconds until the host may be asked. Raises FetchError where it is left alone for now."""
        now = time.monotonic()
        until, reason = self._resting.get(host, (0.0, ""))
        if until > now:
            raise FetchError(reason, retry_after_s=until - now)
        return max(0.0, self._ready_at.get(host, 0.0) - now)

    def asked(self, host: str, pause_s: float) -> None:
        """The host has just been asked and is to have a pause."""
        self._ready_at[host] = time.monotonic() + pause_s

    def answered(self, host: str) -> None:
        """The host is there."""
        self._silent.pop(host, None)

    def did_not_answer(self, host: str) -> None:
        """No answer in time, or no connection; after a few in a row the host is left alone."""
        self._silent[host] = self._silent.get(host, 0) + 1
        if self._silent[host] >= _SILENT_TIMES:
            self.rest(host, _REST_S, f"The host has not answered {_SILENT_TIMES} times in a row.")

    def rest(self, host: str, rest_s: float, reason: str) -> None:
        """Leave the host alone for so long."""
        self._silent.pop(host, None)
        self._resting[host] = (time.monotonic() + rest_s, reason)
