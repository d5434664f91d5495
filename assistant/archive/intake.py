"""From decisions to versions that the catalog can store: filled in, cut, embedded, signed.

In: decisions, the catalog's reading half, an embedder. Out: NewVersions, and those without words.
Refuses to know: transactions, indexes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.archive import copies
from assistant.archive.arrivals import Decision, Fate
from assistant.archive.catalog import NewVersion
from assistant.archive.chunking import split_passages
from assistant.archive.embedding import embed_texts
from assistant.archive.header import embedded_text
from assistant.archive.languages import detect_language, language_code
from assistant.archive.lookup import Lookup
from assistant.articles.corrections import find_correction
from assistant.sentences import Span
from assistant.types import Article

NO_WORDS = "The text holds no words."


def build_versions(
    decisions: Sequence[Decision],
    catalog: Lookup,
    embedder: BaseEmbedding,
    chunk_tokens: int,
    now: datetime,
) -> list[NewVersion]:
    """What is to be stored for decisions that change something, in order.

    Only new words are embedded. An article whose text has no words is left out.
    """
    cut: dict[int, list[Span]] = {}
    for index, decision in enumerate(decisions):
        if decision.fate in (Fate.NEW, Fate.VERSION):
            cut[index] = split_passages(decision.article.text, chunk_tokens)
    texts = [
        text for index, spans in cut.items() for text in _embedded(decisions[index].article, spans)
    ]
    empty = np.empty((0, 0), np.float16)
    vectors = embed_texts(embedder, texts).astype(np.float16) if texts else empty
    versions = []
    first = 0
    for index, decision in enumerate(decisions):
        if decision.fate is Fate.DETAILS:
            spans, mine = catalog.cut(decision.article.id, decision.article.version)
        elif decision.fate is Fate.SUPERSEDED:
            spans, mine = [], empty
        else:
            spans = [(span.start, span.end) for span in cut[index]]
            mine = vectors[first : first + len(spans)]
            first += len(spans)
            if not spans:
                continue
        article = _filled(decision.article)
        mark = copies.signature(article.text)
        versions.append(
            NewVersion(
                article=article,
                fingerprint=decision.fingerprint,
                signature=copies.to_bytes(mark),
                bands=copies.band_keys(mark),
                spans=spans,
                vectors=mine,
                source_version=decision.arrival.article.version,
                held=bool(article.embargoed_until and article.embargoed_until > now),
                superseded=decision.fate is Fate.SUPERSEDED,
            )
        )
    return versions


def _embedded(article: Article, spans: Sequence[Span]) -> list[str]:
    return [
        embedded_text(article.title, article.published_at, article.text[span.start : span.end])
        for span in spans
    ]


def _filled(article: Article) -> Article:
    """The article with its language and its publisher's own correction, where they are found."""
    return replace(
        article,
        language=language_code(article.language) or detect_language(article.text),
        correction=article.correction or find_correction(article.title, article.text),
    )
