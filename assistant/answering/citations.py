"""Numbered citations: whole sentences of the stored article, checked word for word.

In: articles and spans. Out: Citations. Refuses to know: how spans were chosen.
This is the gate of the first promise: what is not a verbatim slice of the article does not pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.sentences import enclosing_sentences
from assistant.types import Article, Citation, Passage

# A quote longer than this is no longer "the very sentence"; news sentences have about 150.
_LONGEST_QUOTE = 700
# Our mark stands at the end of a sentence or note; one inside is the article's own text.
_LAST_MARK = re.compile(r"\[(\d+)\](?=\.?$)")


class CitationList:
    """Collects citations in order of first use; the same sentence is numbered once."""

    def __init__(self, find_article: Callable[[str], Article | None]) -> None:
        self._find_article = find_article
        self._citations: list[Citation] = []

    def cite(self, passage: Passage, start: int, end: int) -> Citation | None:
        """The citation of the whole sentences around `[start, end)` of the passage's article.

        None where the article is gone, or has changed so that the passage is no slice of it any
        more, or where there is no sentence to quote.
        """
        article = self._find_article(passage.article_id)
        if article is None or article.text[passage.start : passage.end] != passage.text:
            return None
        span = enclosing_sentences(article.text, start, end)
        if span.end - span.start > _LONGEST_QUOTE:
            span = type(span)(start, end)
        quote = article.text[span.start : span.end]
        if not quote.strip():
            return None
        return self.adopt(Citation(0, quote, span.start, span.end, article, passage.copies))

    def adopt(self, other: Citation) -> Citation:
        """A citation of another list as this list numbers it: known, or with the next number."""
        for known in self._citations:
            same = known.article.id == other.article.id
            if same and known.start < other.end and known.end > other.start:
                return known
        citation = replace(other, number=len(self._citations) + 1)
        self._citations.append(citation)
        return citation

    def all(self) -> tuple[Citation, ...]:
        """The citations so far, by number."""
        return tuple(self._citations)


def last_mark(text: str) -> int | None:
    """The number in the mark at the end of a sentence or note."""
    mark = _LAST_MARK.search(text)
    return int(mark[1]) if mark else None


def renumbered(text: str, theirs: Sequence[Citation], ours: CitationList) -> str:
    """The sentence or note with its mark turned from one list's number into the other's."""
    number = last_mark(text)
    citation = next((one for one in theirs if one.number == number), None)
    return _LAST_MARK.sub(f"[{ours.adopt(citation).number}]", text) if citation else text
