"""What happens on the way to an answer, as the pipeline tells it.

In: nothing. Out: frozen values. Refuses to know: how the pipeline works, who listens.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.types import Answer, Passage, Query


@dataclass(frozen=True, slots=True)
class Understood:
    """The question is resolved and its filters are known."""

    query: Query


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages are found and read, best first."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text; all of them together are the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole answer."""

    answer: Answer


Event = Understood | Retrieved | TextDelta | Finished
