"""What changed between two versions of an article, sentence by sentence.

In: two versions. Out: changes in the order of the newer text. Refuses to know: storage.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.sentences import sentence_spans
from assistant.types import Article


@dataclass(frozen=True, slots=True)
class Change:
    """Sentences of the older version and what stands in their place; either may be empty.

    `part` is "title" or "text".
    """

    part: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def to_json(self) -> dict[str, str | list[str]]:
        return {"part": self.part, "old": list(self.old), "new": list(self.new)}


def difference(old: Article, new: Article) -> Iterator[Change]:
    """The changed sentences; nothing for two versions with the same headline and text."""
    if old.title != new.title:
        yield Change("title", (old.title,), (new.title,))
    before, after = _sentences(old.text), _sentences(new.text)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            yield Change("text", tuple(before[first:last]), tuple(after[start:end]))


def _sentences(text: str) -> list[str]:
    return [" ".join(text[span.start : span.end].split()) for span in sentence_spans(text)]
