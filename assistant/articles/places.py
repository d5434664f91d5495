"""Where something was found, and what was found there.

In: a path, member names, record numbers. Out: a `Place` that names it to people and gives the
article an address where it brings none. Refuses to know: formats, Articles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assistant.articles.clean import plain

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A file, a member of a packed file (`dump.zip!/a.html`) or a record in one (`a.jsonl:3`).

    `source` is for people, `url` the address of an article that has none of its own.
    """

    source: str
    url: str

    @classmethod
    def of(cls, path: Path) -> Place:
        return cls(str(path), path.resolve().as_uri())

    def member(self, name: str) -> Place:
        # A name inside an archive is a stranger's: it is shown, and never opened as a path.
        shown = plain(name.encode("utf-8", "replace").decode()).replace("\n", " ")
        return Place(f"{self.source}!/{shown}", f"{self.url}!/{quote(shown)}")

    def record(self, number: int) -> Place:
        return Place(f"{self.source}:{number}", f"{self.url}#{number}")


# Fields for `build_article`, or the reason why there are none, in words for the file's owner.
Found = tuple[Place, Fields | str]
Findings = Iterator[Found]
