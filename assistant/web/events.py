"""Server-sent events over a pipeline that works in threads.

In: `Workers`, an iterator of events. Out: a response that streams them and gives its place in the
pool back whatever happens, the client's going away included.
Refuses to know: what the events mean.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.web.workers import Workers

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
MEDIA_TYPE = "text/event-stream"


def frame(data: Any, event: str | None = None) -> str:
    """One event as it goes over the wire; `data` as JSON unless it is text."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {text}\n\n"


class EventStream(Response):
    """Streams frames; made by `EventStream.open`."""

    media_type = MEDIA_TYPE

    def __init__(self, frames: AsyncIterator[str], stack: AsyncExitStack, failed: str) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._frames = frames
        self._stack = stack
        self._failed = failed

    @classmethod
    async def open(
        cls,
        workers: Workers,
        begin: Callable[[], Iterator[_T]],
        frames: Callable[[AsyncIterator[_T]], AsyncIterator[str]],
        failed: str,
    ) -> EventStream:
        """A response whose first step is already done.

        So a request that cannot be served raises here (BusyError, QuestionError …) and gets a
        proper status. `failed` is the last frame where a later step fails.
        """
        stack = AsyncExitStack()
        try:
            steps = await stack.enter_async_context(workers.steps(begin))
            first = await anext(steps)
        except BaseException:
            await stack.aclose()
            raise

        async def whole() -> AsyncIterator[_T]:
            yield first
            async for step in steps:
                yield step

        return cls(frames(whole()), stack, failed)

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        async def stop_when_gone(scope_of_work: anyio.CancelScope) -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            scope_of_work.cancel()

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stop_when_gone, tasks.cancel_scope)
                await self._stream(send)
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._stack.aclose()

    async def _stream(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        try:
            async for text in self._frames:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        except Exception:
            # The status has gone out already: the stream itself has to say it.
            logger.exception("An answer failed while it was streamed.")
            body = self._failed.encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
