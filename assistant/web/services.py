"""What all routes share: the assistant, its settings, the pools, the counters.

In: an `Assistant`. Out: one `Services` per app, found through the request.
Refuses to know: routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from assistant.web.workers import Workers, cores

if TYPE_CHECKING:
    from assistant.answering.assistant import Assistant
    from assistant.settings import Settings
    from assistant.web.access import Gate
    from assistant.web.observability import Observer

# Writes take turns in the archive anyway; a short line keeps uploads from piling up in memory.
_WRITES_WAITING = 8
# Listing and reading articles takes milliseconds and must not wait behind questions.
_READS_AT_ONCE = 4


@dataclass(slots=True)
class Services:
    """`asking`, `reading` and `writing` are pools for questions, look-ups and changes."""

    assistant: Assistant
    settings: Settings
    observer: Observer
    gate: Gate
    asking: Workers
    reading: Workers
    writing: Workers
    ready: bool = False

    @classmethod
    def of(
        cls, assistant: Assistant, settings: Settings, observer: Observer, gate: Gate
    ) -> Services:
        """Services with pools as large as the settings say."""
        return cls(
            assistant,
            settings,
            observer,
            gate,
            Workers(settings.workers or cores(), settings.waiting, settings.waiting_s),
            Workers(_READS_AT_ONCE, settings.waiting, settings.waiting_s),
            Workers(1, _WRITES_WAITING, settings.waiting_s),
        )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Shared = Annotated[Services, Depends(_services)]
