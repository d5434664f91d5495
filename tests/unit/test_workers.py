"""Blocking work beside an event loop: bounded, cancellable, seen by nobody else."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time

import pytest

from assistant.workers import Workers

LIMIT = 2
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")


def test_no_more_than_the_limit_runs_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return number

    async def ask() -> list[int]:
        return await asyncio.gather(*(workers.run(work, number) for number in range(10)))

    workers = Workers(LIMIT)
    assert asyncio.run(ask()) == list(range(10))
    assert most == LIMIT
    workers.close()


def test_what_was_cancelled_while_it_waited_is_never_begun() -> None:
    begun: list[str] = []
    release = threading.Event()

    async def ask() -> None:
        first = asyncio.create_task(workers.run(release.wait))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(workers.run(begun.append, "second"))
        await asyncio.sleep(0.01)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        release.set()
        assert await first
        await workers.run(begun.append, "third")

    workers = Workers(1)
    asyncio.run(ask())
    assert begun == ["third"]
    workers.close()


def test_a_cancelled_caller_is_free_at_once_and_close_waits_for_the_thread() -> None:
    release, ended = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(5)
        time.sleep(0.05)
        ended.set()

    async def ask() -> None:
        task = asyncio.create_task(workers.run(work))
        await asyncio.sleep(0.01)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < 1
        assert not ended.is_set()
        release.set()

    workers = Workers(1)
    asyncio.run(ask())
    workers.close()
    assert ended.is_set()


def test_errors_and_context_variables_pass_through() -> None:
    def fail() -> None:
        raise ValueError(request_id.get())

    async def ask() -> None:
        request_id.set("r-1")
        with pytest.raises(ValueError, match="r-1"):
            await workers.run(fail)

    workers = Workers()
    asyncio.run(ask())
    assert request_id.get() == "none"
    workers.close()
    with pytest.raises(RuntimeError):
        asyncio.run(workers.run(fail))
