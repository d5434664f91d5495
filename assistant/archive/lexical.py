"""Lexical search: BM25 over headline, date and text of each passage, in tantivy.

In: stored passages, words, filters. Out: passage keys with BM25 scores, best first.
Refuses to know: vectors, the catalog, Chroma. Holds nothing that the catalog cannot rebuild.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import tantivy

from assistant.archive.catalog import StoredPassage, publisher_key
from assistant.archive.header import embedded_text
from assistant.types import Filters

_HEAP_BYTES = 64_000_000
_ANALYZER = "news_en"
_MAX_TERMS = 200  # a question of 100 kB must not become a query of 20,000 clauses

Hits = list[tuple[int, float]]


class LexicalIndex:
    """One tantivy index. Searches may run in several threads; writes are the owner's."""

    def __init__(self, folder: Path) -> None:
        """Open or create; an index of another schema or with damaged files is made anew, empty."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._analyzer = _analyzer()
        try:
            self._index = tantivy.Index(_schema(), str(folder), reuse=True)
            self._index.register_tokenizer(_ANALYZER, self._analyzer)
            self._writer = self._index.writer(_HEAP_BYTES, num_threads=1)
        except (ValueError, OSError):
            self._start_anew()

    def _start_anew(self) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self._index = tantivy.Index(_schema(), str(self.folder), reuse=False)
        self._index.register_tokenizer(_ANALYZER, self._analyzer)
        self._writer = self._index.writer(_HEAP_BYTES, num_threads=1)

    def close(self) -> None:
        """Wait for background merges and let go of the files."""
        self._writer.wait_merging_threads()

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def add(self, passages: Sequence[StoredPassage]) -> None:
        """Insert or replace passages by key; searchable when this returns."""
        for row in passages:
            self._writer.delete_documents_by_term("key", row.key)
            document = tantivy.Document()
            document.add_integer("key", row.key)
            document.add_text("text", embedded_text(row.title, row.published_at, row.text))
            document.add_integer("day", row.day)
            document.add_text("publisher", row.publisher_key)
            document.add_text("article", row.article_id)
            self._writer.add_document(document)
        self._commit()

    def remove(self, keys: Sequence[int]) -> None:
        """Drop passages; unknown keys are ignored."""
        for key in keys:
            self._writer.delete_documents_by_term("key", key)
        self._commit()

    def clear(self) -> None:
        """Drop everything."""
        self._writer.delete_all_documents()
        self._commit()

    def search(self, terms: Mapping[str, float], filters: Filters, limit: int) -> Hits:
        """Up to `limit` (key, BM25) pairs that hold any of the terms, best first.

        `terms` are analyzed words with their weight, as `weigh` gives them.
        """
        if not terms:
            return []
        schema = self._index.schema
        heaviest = sorted(terms.items(), key=lambda term: -term[1])[:_MAX_TERMS]
        clauses = []
        for term, weight in heaviest:
            query = tantivy.Query.term_query(schema, "text", term, "freq")
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight)))
        wanted = tantivy.Query.boolean_query(clauses)
        limits = _limits(schema, filters)
        if limits:
            wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), *limits])
        searcher = self._index.searcher()
        hits = searcher.search(wanted, limit, count=False).hits
        keys = searcher.fast_field_values("key", [address for _, address in hits])
        return [
            (int(key), float(score))
            for key, (score, _) in zip(keys, hits, strict=True)
            if key is not None
        ]

    def weigh(self, texts: Sequence[tuple[str, float]]) -> dict[str, float]:
        """Analyzed words of weighted texts; a word keeps the greatest weight it occurs with."""
        terms: dict[str, float] = {}
        for text, weight in texts:
            for term in self._analyzer.analyze(_searchable(text)):
                terms[term] = max(weight, terms.get(term, 0.0))
        return terms

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: deleting by an unsigned term is a silent no-op in tantivy-py 0.27.
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_integer_field("day", indexed=True, fast=True)
    builder.add_text_field("publisher", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _limits(schema: tantivy.Schema, filters: Filters) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    """The filters as clauses that every hit must satisfy and that add nothing to its score."""
    lowest = 1 if filters.published_from or filters.published_to else 0
    if filters.published_from:
        lowest = filters.published_from.toordinal()
    ends = [day.toordinal() for day in (filters.published_to, filters.as_of) if day]
    queries = []
    if lowest or ends:
        kind = tantivy.FieldType.Integer
        queries.append(
            tantivy.Query.range_query(schema, "day", kind, lowest, min(ends) if ends else None)
        )
    if filters.publishers:
        keys = [publisher_key(publisher) for publisher in filters.publishers]
        queries.append(tantivy.Query.term_set_query(schema, "publisher", keys))
    if filters.articles:
        queries.append(tantivy.Query.term_set_query(schema, "article", list(filters.articles)))
    return [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in queries]


def _searchable(text: str) -> str:
    """Possessives lose their s, so that "Vance's" meets "Vance"."""
    return re.sub(r"['’]s\b", "", text)
