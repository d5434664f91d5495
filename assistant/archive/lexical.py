"""Lexical search: BM25 over headline, date and text of each passage, in tantivy.

In: stored passages, words, filters. Out: passage keys with BM25 scores, best first.
Refuses to know: vectors, the catalog, Chroma. Holds nothing that the catalog cannot rebuild.

Each language with a stemmer has a field and an analyzer of its own; a passage is in the field of
its language. What has no stemmer, or is in no known language, is in the field of plain words;
English is what an unknown language is taken for. A question is analyzed for every language that
the index holds, because its own is not known to be that of the answer.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import tantivy

from assistant.archive.header import embedded_text
from assistant.archive.identity import publisher_key
from assistant.archive.languages import ENGLISH, STEMMED, WITHOUT_STOP_WORDS
from assistant.archive.rows import StoredPassage
from assistant.types import Filters

_HEAP_BYTES = 64_000_000
_OTHER = "other"  # stands for all languages without a stemmer
_FIELDS = {language: f"text_{language}" for language in (*STEMMED, _OTHER)}
_MAX_TERMS = 200  # a question of 100 kB must not become a query of 20,000 clauses

Hits = list[tuple[int, float]]


class LexicalIndex:
    """One tantivy index. Searches may run in several threads; writes are the owner's."""

    def __init__(self, folder: Path) -> None:
        """Open or create; an index of another schema or with damaged files is made anew, empty."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._analyzers = {language: _analyzer(language) for language in _FIELDS}
        try:
            self._open(reuse=True)
        except (ValueError, OSError):
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            self._open(reuse=False)

    def _open(self, *, reuse: bool) -> None:
        self._index = tantivy.Index(_schema(), str(self.folder), reuse=reuse)
        for language, analyzer in self._analyzers.items():
            self._index.register_tokenizer(_FIELDS[language], analyzer)
        self._writer = self._index.writer(_HEAP_BYTES, num_threads=1)
        self._present = self._languages()

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
            kind = _kind(row.language)
            document.add_text(_FIELDS[kind], embedded_text(row.title, row.published_at, row.text))
            document.add_text("kind", kind)
            document.add_text("language", row.language or "")
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

    def search(self, texts: Sequence[tuple[str, float]], filters: Filters, limit: int) -> Hits:
        """Up to `limit` (key, BM25) pairs that hold any word of the weighted texts, best first."""
        schema = self._index.schema
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, _FIELDS[language], term, "freq"), weight
                ),
            )
            for language in self._wanted(filters)
            for term, weight in self._terms(language, texts)
        ]
        if not clauses:
            return []
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

    def _wanted(self, filters: Filters) -> list[str]:
        """The languages whose fields can hold a hit."""
        if not filters.languages:
            return self._present
        kinds = {_kind(language) for language in filters.languages}
        return [language for language in self._present if language in kinds]

    def _terms(self, language: str, texts: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
        """The heaviest analyzed words of weighted texts, each with its greatest weight."""
        terms: dict[str, float] = {}
        for text, weight in texts:
            for term in self._analyzers[language].analyze(_searchable(text)):
                terms[term] = max(weight, terms.get(term, 0.0))
        return sorted(terms.items(), key=lambda term: -term[1])[:_MAX_TERMS]

    def _languages(self) -> list[str]:
        """The languages, or "other", that a passage of the index is in."""
        searcher = self._index.searcher()
        return [
            language
            for language in _FIELDS
            if searcher.search(
                tantivy.Query.term_query(self._index.schema, "kind", language, "basic"), 1
            ).hits
        ]

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()
        self._present = self._languages()


def _kind(language: str | None) -> str:
    return _OTHER if language and language not in STEMMED else language or ENGLISH


def _analyzer(language: str) -> tantivy.TextAnalyzer:
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
    )
    name = STEMMED.get(language)
    if name is None:
        return builder.filter(tantivy.Filter.ascii_fold()).build()
    if language == ENGLISH:
        # Names in English news lose their accents as often as not.
        builder = builder.filter(tantivy.Filter.ascii_fold())
    if language not in WITHOUT_STOP_WORDS:
        builder = builder.filter(tantivy.Filter.stopword(name))
    # The other stemmers know their language's accents, so those fall afterwards.
    builder = builder.filter(tantivy.Filter.stemmer(name))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: deleting by an unsigned term is a silent no-op in tantivy-py 0.27.
    builder.add_integer_field("key", indexed=True, fast=True)
    for name in _FIELDS.values():
        builder.add_text_field(name, tokenizer_name=name, index_option="freq")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
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
    if filters.languages:
        queries.append(tantivy.Query.term_set_query(schema, "language", list(filters.languages)))
    return [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in queries]


def _searchable(text: str) -> str:
    """Possessives lose their s, so that "Vance's" meets "Vance"."""
    return re.sub(r"['’]s\b", "", text)
