"""Numbered citations: whole sentences of the stored article, checked word for word.

In: articles and spans. Out: Citations. Refuses to know: how spans were chosen.
This is the gate of the first promise: what is not a verbatim slice of the article does not pass.
"""

from __future__ import annotations

from collections.abc import Callable

from assistant.sentences import enclosing_sentences
from assistant.types import Article, Citation, Copy, Passage

# A quote longer than this is no longer "the very sentence"; news sentences have about 150.
_LONGEST_QUOTE = 700


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
        for known in self._citations:
            if known.article.id == article.id and known.start < span.end and known.end > span.start:
                return known
        citation = Citation(
            len(self._citations) + 1, quote, span.start, span.end, article, passage.copies
        )
        self._citations.append(citation)
        return citation

    def all(self) -> tuple[Citation, ...]:
        """The citations so far, by number."""
        return tuple(self._citations)


def named_copies(copies: tuple[Copy, ...]) -> str:
    """The publishers of copies, each once, in order: "A, B and C"; empty where none is named."""
    names = list(dict.fromkeys(copy.publisher for copy in copies if copy.publisher))
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
