"""The bounded pool: who works, who waits, who is refused, and that every place is given back."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator

import anyio
import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")

from assistant.web.events import EventStream, frame
from assistant.web.workers import BusyError, Workers

LONG_S = 10.0


async def waiting_for(workers: Workers, running: int, waiting: int) -> None:
    with anyio.fail_after(LONG_S):
        while (workers.running, workers.waiting) != (running, waiting):
            await anyio.sleep(0.005)


def test_past_the_line_work_is_refused_and_the_rest_is_done() -> None:
    async def play() -> list[int]:
        workers = Workers(at_once=1, waiting=1, waiting_s=LONG_S)
        go, done = threading.Event(), []
        threads = set()

        def work() -> int:
            threads.add(threading.get_ident())
            go.wait(LONG_S)
            return 1

        async def job() -> None:
            done.append(await workers.run(work))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(job)
            tasks.start_soon(job)
            await waiting_for(workers, 1, 1)
            with pytest.raises(BusyError) as caught:
                await workers.run(work)
            assert caught.value.retry_after_s >= 1
            go.set()
        assert threading.get_ident() not in threads
        assert (workers.running, workers.waiting) == (0, 0)
        return done

    assert anyio.run(play) == [1, 1]


def test_waiting_ends() -> None:
    async def play() -> None:
        workers = Workers(at_once=1, waiting=5, waiting_s=0.05)
        go = threading.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(workers.run, lambda: go.wait(LONG_S))
            await waiting_for(workers, 1, 0)
            with pytest.raises(BusyError):
                await workers.run(lambda: None)
            assert workers.waiting == 0
            go.set()

    anyio.run(play)


def test_a_place_is_given_back_after_a_failure() -> None:
    async def play() -> None:
        workers = Workers(at_once=1, waiting=0, waiting_s=LONG_S)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await workers.run(lambda: 1 // 0)
        assert await workers.run(lambda: 7) == 7

    anyio.run(play)


def test_a_stream_whose_client_goes_away_gives_its_place_back_and_ends_the_work() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            closed.set()

    async def frames(steps: AsyncIterator[int]) -> AsyncIterator[str]:
        async for step in steps:
            yield frame({"step": step})

    async def play() -> None:
        workers = Workers(at_once=1, waiting=0, waiting_s=LONG_S)
        response = await EventStream.open(workers, endless, frames, frame("failed"))
        sent = []
        gone = anyio.Event()

        async def send(message: dict[str, object]) -> None:
            sent.append(message)
            if len(sent) == 5:
                gone.set()
            await anyio.sleep(0)

        async def receive() -> dict[str, object]:
            await gone.wait()
            return {"type": "http.disconnect"}

        with anyio.fail_after(LONG_S):
            await response({"type": "http"}, receive, send)
        assert len(sent) >= 5
        assert (workers.running, workers.waiting) == (0, 0)
        assert closed.is_set()

    anyio.run(play)


def test_a_stream_that_fails_says_so_in_its_last_frame() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise RuntimeError("inside")

    async def frames(steps: AsyncIterator[int]) -> AsyncIterator[str]:
        async for step in steps:
            yield frame({"step": step})

    async def play() -> bytes:
        workers = Workers(at_once=1, waiting=0, waiting_s=LONG_S)
        response = await EventStream.open(workers, failing, frames, frame("failed", "problem"))
        body = []

        async def send(message: dict[str, object]) -> None:
            body.append(message.get("body", b""))

        async def receive() -> dict[str, object]:
            await anyio.sleep(LONG_S)
            return {"type": "http.disconnect"}

        await response({"type": "http"}, receive, send)
        assert workers.running == 0
        return b"".join(body)  # type: ignore[arg-type]

    body = anyio.run(play)
    assert body == b'data: {"step": 1}\n\nevent: problem\ndata: failed\n\n'
