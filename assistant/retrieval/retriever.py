"""Find the passages that may answer a question: dense and lexical, fused, copies collapsed, read.

In: an open archive, a Query. Out: Passages, best first, with what every stage thought of them.
Refuses to know: how an answer is worded, where the page is. A LlamaIndex `BaseRetriever`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.archive.archive import Archive
from assistant.archive.copies import token_overlap
from assistant.retrieval.dates import about_present, state_day
from assistant.retrieval.fusion import fuse
from assistant.retrieval.query import understand
from assistant.settings import Settings, load_settings
from assistant.types import Article, Copy, Filters, Passage, Query, Reader, Reading, show_date
from assistant.workers import Workers

# What earlier turns' words weigh beside the question's own (docs/decisions.md).
_CONTEXT_WEIGHT = 0.5
# Two passages of one cluster are the same when one holds this share of the other's words.
_SAME_PASSAGE = 0.8
# What the fused score weighs beside the reader's relevance: between 6 and 10 one of
# the averaged readers did alike (docs/decisions.md).
_PRIOR_WEIGHT = 6.0
# How much faster than with the day of asking the bonus of being near a named day fades.
_STATE_AGES = 4


@dataclass(slots=True)
class Search:
    """The outcome of one search: passages best first, the reader's view, time by stage in ms."""

    passages: list[Passage]
    readings: list[Reading] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to the stage's."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            self.timings_ms[stage] = self.timings_ms.get(stage, 0.0) + spent


class NewsRetriever(BaseRetriever):
    """Retrieves from one open archive; one retriever may serve several threads and loops.

    `filters` bind whatever is asked through LlamaIndex's `retrieve` and `aretrieve`.
    """

    def __init__(
        self,
        archive: Archive,
        *,
        settings: Settings | None = None,
        reader: Reader | None = None,
        filters: Filters | None = None,
        workers: Workers | None = None,
    ) -> None:
        super().__init__()
        self.archive = archive
        self.workers = workers or Workers()
        self._settings = settings or load_settings()
        self._reader = reader
        self._filters = filters

    def search(self, query: Query, *, top_n: int | None = None) -> list[Passage]:
        """The `top_n` best passages (default: the settings'), best first, within the filters.

        Each passage carries rank and score of every stage that saw it: lexical, dense, fused,
        reader. A filter that matches nothing gives an empty list.
        """
        return self.search_and_read(query).passages[: top_n or self._settings.top_n]

    def search_and_read(self, query: Query) -> Search:
        """All fused candidates, the reader's order first, with its readings and the timings."""
        search = Search([])
        fused = self._fused(query, search)
        with search.timed("collapse"):
            search.passages = self._collapse(fused)
        if self._reader and search.passages:
            with search.timed("read"):
                self._read(query, search, self._reader)
        return search

    def _fused(self, query: Query, search: Search) -> list[Passage]:
        filters, limit = query.filters.combined, self._settings.top_k
        with search.timed("lexical"):
            texts = [(query.searched, 1.0), (query.context, _CONTEXT_WEIGHT)]
            lexical = self.archive.search_lexical(texts, filters, limit)
        with search.timed("dense"):
            vector = self.archive.embed(f"{query.context} {query.searched}".strip())
            dense = self.archive.search_dense(vector, filters, limit)
        with search.timed("fuse"):
            keys = [key for key, _ in dense] + [key for key, _ in lexical]
            found = self.archive.passages(list(dict.fromkeys(keys)))
            scores = fuse(
                dict(lexical),
                self.archive.similarities(vector, list(found)),
                _ages(found, query),
            )
            ranks = {"lexical": _ranks(lexical), "dense": _ranks(dense)}
            order = sorted(found, key=lambda key: (-scores[key], key))
            passages = []
            for rank, key in enumerate(order, 1):
                passage = found[key]
                for stage, hits in ranks.items():
                    if key in hits:
                        passage = passage.ranked(stage, *hits[key])
                passages.append(passage.ranked("fused", scores[key], rank))
        return passages

    def _collapse(self, passages: list[Passage]) -> list[Passage]:
        """Keep one passage where near-copies of an article carry the same words.

        The article that leads its cluster speaks for its copies; the others are named on the
        passage.
        """
        groups = self.archive.clusters({passage.article_id for passage in passages})
        kept: list[Passage] = []
        for passage in passages:
            group = groups.get(passage.cluster or "")
            if group is None:
                kept.append(passage)
                continue
            twin = next(
                (
                    index
                    for index, other in enumerate(kept)
                    if other.cluster == passage.cluster
                    and other.article_id != passage.article_id
                    and token_overlap(other.text, passage.text) >= _SAME_PASSAGE
                ),
                None,
            )
            if twin is None:
                kept.append(passage)
            else:
                kept[twin] = _merge(kept[twin], passage, group)
        return kept

    def _read(self, query: Query, search: Search, reader: Reader) -> None:
        candidates = search.passages[: self._settings.read_n]
        readings = reader.read(query.searched, candidates, query.context)
        readings.sort(key=lambda reading: (-_judged(reading), reading.passage.id))
        search.readings = [
            replace(reading, passage=reading.passage.ranked("reader", _judged(reading), rank))
            for rank, reading in enumerate(readings, 1)
        ]
        read = {reading.passage.id for reading in readings}
        unread = [passage for passage in search.passages if passage.id not in read]
        search.passages = [reading.passage for reading in search.readings] + unread

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        query = understand(query_bundle.query_str, self.archive, filters=self._filters)
        return [as_node(passage) for passage in self.search(query)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await self.workers.run(self._retrieve, query_bundle)


def as_node(passage: Passage) -> NodeWithScore:
    """The passage as LlamaIndex knows it: text, metadata, character offsets, score."""
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "url": passage.url,
            "title": passage.title,
            "publisher": passage.publisher,
            "published_at": show_date(passage.published_at),
            "article_id": passage.article_id,
        },
    )
    return NodeWithScore(node=node, score=passage.score)


def _judged(reading: Reading) -> float:
    """The reader's relevance with the fused score as its prior; 0 stays "nothing here"."""
    return reading.relevance + _PRIOR_WEIGHT * (reading.passage.stages["fused"].score - 1.0)


def _ranks(hits: Sequence[tuple[int, float]]) -> dict[int, tuple[float, int]]:
    return {key: (score, rank) for rank, (key, score) in enumerate(hits, 1)}


def _ages(passages: Mapping[int, Passage], query: Query) -> dict[int, float | None]:
    """Days from publication to the day of asking; None for the undated, and for all where the
    question is about another time or its dates are filtered already.

    Where the words ask for the state of a day ("as of …"), days from that one, counted
    `_STATE_AGES` times: the figure of the week after it is another figure.
    """
    states = [day for one in query.filters.inferred if (day := state_day(one))]
    if states:
        return {
            key: _STATE_AGES * abs((states[0] - passage.published_at.date()).days)
            if passage.published_at
            else None
            for key, passage in passages.items()
        }
    today = query.as_of or datetime.now(UTC).date()
    window = query.filters.combined
    if (
        window.published_from
        or window.published_to
        or not about_present(query.standalone_question, today)
    ):
        return dict.fromkeys(passages)
    return {
        key: (today - passage.published_at.date()).days if passage.published_at else None
        for key, passage in passages.items()
    }


def _merge(first: Passage, second: Passage, group: Sequence[Article]) -> Passage:
    """The passage of the article that leads, in the better one's place, naming the other."""
    order = {article.id: place for place, article in enumerate(group)}
    lead, other = sorted((first, second), key=lambda passage: order[passage.article_id])
    by_id = {article.id: article for article in group}
    names = {copy.article_id: copy for copy in (*first.copies, *second.copies)}
    names |= {other.article_id: _copy(by_id[other.article_id])}
    names.pop(lead.article_id, None)
    return replace(lead, score=first.score, stages=first.stages, copies=tuple(names.values()))


def _copy(article: Article) -> Copy:
    return Copy(article.id, article.url, article.title, article.publisher, article.published_at)
