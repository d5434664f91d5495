"""A few threads that do blocking work for an event loop.

In: a function that blocks. Out: what it returns or raises, awaited.
Refuses to know: what the work is.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

# One question keeps all cores busy while it is read, but waits for the disk and holds Python's
# lock at other times; a second one fills those gaps even on a single core.
_FEWEST = 2


class Workers:
    """At most `limit` pieces of work at once (default: one a core, at least two).

    What comes on top waits its turn without blocking the loop. May serve several loops and
    threads; no thread is started before there is work.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit or max(_FEWEST, os.cpu_count() or _FEWEST)
        self._pool = ThreadPoolExecutor(self.limit, thread_name_prefix="news-assistant")

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What `function` returns, computed in a thread that sees the caller's context variables.

        Cancelled while it waits its turn, the work is never begun. Cancelled later, the caller is
        free at once; the thread finishes what it does and its outcome is dropped, and until then
        it counts towards the limit. Raises RuntimeError after `close`.
        """
        work = partial(contextvars.copy_context().run, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Drop what has not begun and wait for what has. Harmless when called twice."""
        self._pool.shutdown(wait=True, cancel_futures=True)
