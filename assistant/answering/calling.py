"""One call of a language model that may be slow, broken or without end.

In: an LLM, messages, limits. Out: the reply, piece by piece. Refuses to know: what is asked.
Whatever goes wrong at the other end becomes one LanguageModelError that a reader can be shown; the
endpoint's own words are never passed on, since they may hold the key or anything else.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from assistant.errors import LanguageModelError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage

logger = logging.getLogger(__name__)

# Calls whose endpoint sends signs of life but no words cannot be ended from outside; they end with
# their connection. So many may hang before the model counts as out of order.
_MOST_CALLS = 16
# English has about 4.5 characters to a token; twice that leaves room for other scripts and names.
_CHARACTERS_PER_TOKEN = 9
_TOO_MANY_REQUESTS = 429
_NOT_ALLOWED = (401, 403)


class Caller:
    """Calls one LLM. One caller may serve several threads."""

    def __init__(self, llm: LLM, *, reply_tokens: int) -> None:
        self._llm = llm
        self._most_characters = reply_tokens * _CHARACTERS_PER_TOKEN
        self._free = threading.BoundedSemaphore(_MOST_CALLS)

    def stream(self, messages: Sequence[ChatMessage], deadline: float) -> Iterator[str]:
        """The reply in pieces, until it ends or `deadline` (of time.monotonic) is past.

        Raises LanguageModelError for a reply that is late, too long, or fails, after the pieces
        that came before.
        """
        if not self._free.acquire(blocking=False):
            raise LanguageModelError("The language model has too many unanswered calls")
        pieces: SimpleQueue[str | LanguageModelError | None] = SimpleQueue()
        stopped = threading.Event()
        threading.Thread(
            target=self._run, args=(messages, pieces, stopped), name="llm-call", daemon=True
        ).start()
        try:
            while True:
                try:
                    piece = pieces.get(timeout=max(deadline - time.monotonic(), 0.0))
                except Empty:
                    raise LanguageModelError("The language model took too long") from None
                if piece is None:
                    return
                if isinstance(piece, LanguageModelError):
                    raise piece
                if time.monotonic() > deadline:
                    raise LanguageModelError("The language model took too long")
                yield piece
        finally:
            stopped.set()

    def complete(self, messages: Sequence[ChatMessage], deadline: float) -> str:
        """The whole reply; raises like `stream`."""
        return "".join(self.stream(messages, deadline))

    def _run(
        self,
        messages: Sequence[ChatMessage],
        pieces: SimpleQueue[str | LanguageModelError | None],
        stopped: threading.Event,
    ) -> None:
        try:
            if self._read(messages, pieces, stopped):
                pieces.put(None)
            else:
                # OpenAI's client keeps a stream that was not read to its end in a reference cycle:
                # the connection would stay open, and the model go on, until it is collected.
                gc.collect()
        # Each make of LLM fails in its own ways, a garbled reply as a TypeError; none may pass.
        except Exception as error:  # noqa: BLE001
            logger.warning("The language model failed: %s", type(error).__name__)
            pieces.put(LanguageModelError(_reason(error)))
        finally:
            self._free.release()

    def _read(
        self,
        messages: Sequence[ChatMessage],
        pieces: SimpleQueue[str | LanguageModelError | None],
        stopped: threading.Event,
    ) -> bool:
        """Pass the reply on; False where it was cut off."""
        room = self._most_characters
        for response in self._llm.stream_chat(list(messages)):
            piece = response.delta or ""
            room -= max(1, len(piece))  # pieces without words count as well
            if room < 0:
                pieces.put(LanguageModelError("The language model did not come to an end"))
            if room < 0 or stopped.is_set():
                return False
            pieces.put(piece)
        return True


def _reason(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    if status == _TOO_MANY_REQUESTS:
        return "The language model has had too many requests"
    if status in _NOT_ALLOWED:
        return "The language model did not accept the key"
    if "timeout" in type(error).__name__.casefold():
        return "The language model took too long"
    return "The language model failed"
