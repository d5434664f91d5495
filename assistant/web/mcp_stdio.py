"""The tools on standard input and output, over an archive that may still be in use elsewhere.

In: settings. Out: protocol messages on standard output, and nothing else there.
Refuses to know: the tools.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import threading
from collections.abc import Iterator

import anyio
import anyio.to_thread

from assistant.answering.assistant import Assistant
from assistant.errors import ArchiveLockedError
from assistant.settings import Settings
from assistant.web.mcp import mcp_server

logger = logging.getLogger(__name__)


def serve_stdio(settings: Settings) -> None:
    """Serve the settings' archive on standard input and output until the input ends.

    While another process owns the archive, every call says so and tries again. Raises the other
    errors of `Assistant.open` at once.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whatever prints: at once, to where the descriptor points then, not at exit to the client.
        sys.stdout.reconfigure(write_through=True)
    shelf = _Shelf(settings)
    try:
        with _printing_to_standard_error():
            shelf.assistant()
    except ArchiveLockedError as error:
        logger.warning("%s Tools will answer as soon as the archive is free.", error)
    try:
        anyio.run(mcp_server(shelf.opened).run_stdio_async)
    finally:
        shelf.close()


@contextlib.contextmanager
def _printing_to_standard_error() -> Iterator[None]:
    """Keep standard output clean until the server takes it over, which then does the same."""
    client = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(client, 1)
        os.close(client)


class _Shelf:
    """The settings' assistant, opened when it is first to be had."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: Assistant | None = None
        self._lock = threading.Lock()

    def assistant(self) -> Assistant:
        """The one assistant; raises what Assistant.open raises."""
        with self._lock:
            if self._open is None:
                self._open = Assistant.open(self._settings, create=False)
            return self._open

    async def opened(self) -> Assistant:
        """`assistant`, waited for in a thread."""
        return await anyio.to_thread.run_sync(self.assistant)

    def close(self) -> None:
        """Give the archive back."""
        if self._open:
            self._open.close()
