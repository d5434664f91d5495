"""A bounded pool for work that keeps a core busy, behind a bounded line.

In: functions that block, or iterators whose every step blocks. Out: their results, never on the
event loop's thread. Refuses to know: what the work is.

Past `at_once` callers wait; past `waiting` more, or after `waiting_s` in line, they are refused
with `BusyError`, so neither memory nor anybody's patience grows without end.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeVar

import anyio
import anyio.to_thread

from assistant.errors import NewsAssistantError

_T = TypeVar("_T")
_DONE = object()
# How much the newest job counts in the running mean of how long a job takes.
_NEWEST_SHARE = 0.2
_FIRST_GUESS_S = 1.0


class BusyError(NewsAssistantError):
    """No place in line; `retry_after_s` is about when there will be one."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"The server is busy with other requests. Try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """One pool and its line; belongs to one event loop."""

    def __init__(self, at_once: int, waiting: int, waiting_s: float) -> None:
        self.at_once = at_once
        self.most_waiting = waiting
        self.waiting_s = waiting_s
        self._turn = anyio.CapacityLimiter(at_once)
        self._threads = anyio.CapacityLimiter(at_once)
        self._inside = 0
        self._mean_s = _FIRST_GUESS_S

    @property
    def running(self) -> int:
        """Jobs being worked on."""
        return int(self._turn.borrowed_tokens)

    @property
    def waiting(self) -> int:
        """Jobs in line."""
        return self._inside - self.running

    async def run(self, work: Callable[[], _T]) -> _T:
        """The result of `work`, done in a thread. Raises BusyError, and what `work` raises."""
        async with self._place():
            return await anyio.to_thread.run_sync(work, limiter=self._threads)

    @asynccontextmanager
    async def steps(self, begin: Callable[[], Iterator[_T]]) -> AsyncIterator[AsyncIterator[_T]]:
        """An iterator whose steps are done in threads; its place is kept until the block ends."""
        async with self._place():
            iterator = begin()
            try:
                yield self._walk(iterator)
            finally:
                close = getattr(iterator, "close", None)
                if close:
                    with anyio.CancelScope(shield=True):
                        await anyio.to_thread.run_sync(close, limiter=self._threads)

    async def _walk(self, iterator: Iterator[_T]) -> AsyncIterator[_T]:
        while True:
            step = await anyio.to_thread.run_sync(next, iterator, _DONE, limiter=self._threads)
            if step is _DONE:
                return
            yield step  # type: ignore[misc]  # anything but the sentinel is a _T

    def check_room(self) -> None:
        """Raise BusyError where one more job would be refused."""
        if self._inside >= self.at_once + self.most_waiting:
            raise BusyError(self._retry_after_s())

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        self.check_room()
        # One borrower per job, not per task: a task may hold two.
        job = object()
        self._inside += 1
        try:
            try:
                with anyio.fail_after(self.waiting_s):
                    await self._turn.acquire_on_behalf_of(job)
            except TimeoutError as error:
                raise BusyError(self._retry_after_s()) from error
            started = monotonic()
            try:
                yield
            finally:
                self._turn.release_on_behalf_of(job)
                spent = monotonic() - started
                self._mean_s += _NEWEST_SHARE * (spent - self._mean_s)
        finally:
            self._inside -= 1

    def _retry_after_s(self) -> int:
        """About how long until half of the line has been served, at least a second."""
        return max(1, round(self._mean_s * (self.waiting / 2 + 1) / self.at_once))
