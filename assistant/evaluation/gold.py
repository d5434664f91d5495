"""Where the gold evidence of a question stands in the archive, and which spans meet it.

In: a Question, a way to look up articles, spans of articles. Out: indices of gold quotes.
Refuses to know: ranks, answers, files.

A span counts for a gold quote when it shares at least one character with it in the stored article.
The same words in a near-copy that the archive folded into the passage count as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag

from assistant.evaluation.questions import Question
from assistant.evaluation.wording import find_quote, overlap
from assistant.sentences import Span, enclosing_sentences
from assistant.types import Answer, Article, Citation, Passage, article_id

FindArticle = Callable[[str], Article | None]


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """One gold quote: `places` in the stored article, none where it (or its article) is missing.

    `sentences` are the whole sentences around each place.
    """

    url: str
    quote: str
    places: tuple[Span, ...]
    sentences: tuple[Span, ...]

    def meets(self, url: str, span: tuple[int, int], *, sentence: bool = False) -> bool:
        """Whether a span of the article at `url` shares a character with the quote."""
        own = self.sentences if sentence else self.places
        return url == self.url and any(overlap(span, place) for place in own)


def locate_gold(question: Question, find_article: FindArticle) -> tuple[GoldQuote, ...]:
    """The gold quotes of a question, in its order; an empty quote is the whole article.

    `Evidence.url` may also be an article id, or lack or have a fragment.
    """
    found: list[GoldQuote] = []
    for evidence in question.evidence:
        article = find_article(evidence.url) or find_article(urldefrag(evidence.url).url)
        places: tuple[Span, ...] = ()
        if article and evidence.quote.strip():
            places = find_quote(article.text, evidence.quote)
        elif article:
            places = (Span(0, len(article.text)),)
        sentences = tuple(enclosing_sentences(article.text, *place) for place in places if article)
        url = article.url if article else evidence.url
        found.append(GoldQuote(url, evidence.quote, places, sentences))
    return tuple(found)


def covered_by_passage(gold: Sequence[GoldQuote], passage: Passage) -> frozenset[int]:
    """Which gold quotes a passage covers, itself or by the copies it stands for."""
    copies = {copy.url for copy in passage.copies}
    return frozenset(
        at
        for at, quote in enumerate(gold)
        if quote.meets(passage.url, (passage.start, passage.end))
        or (quote.url in copies and bool(find_quote(passage.text, quote.quote)))
    )


def covered_by_citation(
    gold: Sequence[GoldQuote], citation: Citation, *, sentence: bool = False
) -> frozenset[int]:
    """Which gold quotes (`sentence`: or the sentences they stand in) a citation touches."""
    copies = {copy.url for copy in citation.copies}
    span = (citation.start, citation.end)
    return frozenset(
        at
        for at, quote in enumerate(gold)
        if quote.meets(citation.article.url, span, sentence=sentence)
        or (quote.url in copies and _share_words(quote.quote, citation.quote))
    )


def covered_articles(
    gold: Sequence[GoldQuote], passages: Iterable[Passage]
) -> list[frozenset[int]]:
    """For each distinct article among the passages, in their order: the gold quotes it holds."""
    ranked: dict[str, frozenset[int]] = {}
    for passage in passages:
        urls = {passage.url, *(copy.url for copy in passage.copies)}
        held = frozenset(at for at, quote in enumerate(gold) if quote.url in urls)
        ranked[passage.url] = ranked.get(passage.url, frozenset()) | held
    return list(ranked.values())


def cited_words_stand(answer: Answer, find_article: FindArticle) -> int:
    """How many citations are verbatim slices of the article that the archive holds now."""
    count = 0
    for citation in answer.citations:
        stored = find_article(article_id(citation.article.url)) or citation.article
        count += stored.text[citation.start : citation.end] == citation.quote != ""
    return count


def _share_words(one: str, other: str) -> bool:
    return bool(find_quote(one, other) or find_quote(other, one))
