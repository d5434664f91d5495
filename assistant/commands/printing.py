"""What the commands share: JSON and messages, a progress bar, the file of rejections, dates.

In: values. Out: text on standard output (results) and standard error (progress, messages).
Refuses to know: archives, questions.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any, TypeVar

from assistant.errors import SourceError
from assistant.types import Rejection

_T = TypeVar("_T")


def print_json(value: Any) -> None:
    """One indented JSON value on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def say(message: str) -> None:
    """A message that is no result: on standard error."""
    print(message, file=sys.stderr)


def day(text: str) -> date:
    """The argument as a day; for `type=` of argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write 2022-09-21") from None


class Progress:
    """A progress bar on standard error with rate and time left; silent where nobody looks."""

    def __init__(self, label: str, *, unit: str, total: int | None = None) -> None:
        from tqdm import tqdm

        self._bar: Any = tqdm(desc=label, unit=unit, total=total, disable=None, file=sys.stderr)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def counting(self, items: Iterable[_T]) -> Iterator[_T]:
        """The items, each counted as it passes."""
        for item in items:
            yield item
            self._bar.update()

    def step(self) -> None:
        """One more is done."""
        self._bar.update()

    def tell(self, **counts: int) -> None:
        """Show these counts behind the bar."""
        self._bar.set_postfix(counts)


class RejectedFile:
    """Rejections as JSON lines in a file, written as they come; without a path, nowhere.

    Raises SourceError where the file cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self._stream: IO[str] | None = None
        if path:
            try:
                self._stream = path.open("w", encoding="utf-8")
            except OSError as error:
                raise SourceError(f"Cannot write {path}: {error.strerror}.") from error

    def __enter__(self) -> RejectedFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()

    def write(self, rejection: Rejection) -> None:
        """Add one line."""
        if self._stream:
            self._stream.write(json.dumps(rejection.to_json(), ensure_ascii=False) + "\n")
            self._stream.flush()
