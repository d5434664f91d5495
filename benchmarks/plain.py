"""Plain peers, as their own quick-starts have them.

In: Articles, words. Out: Passages, best first. Refuses to know: filters, conversations, gold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import bm25s
import chromadb
import Stemmer
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode, MetadataMode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from assistant.archive.embedding import minilm_folder
from assistant.types import Article, Passage, article_id

# 256 tokens is MiniLM's window: with the default of 1,024 it would never see 68 % of the text.
CHUNK_TOKENS = 256
OVERLAP_TOKENS = 20
_RRF_K = 60  # Cormack, Clarke and Büttcher 2009
_FUSED = 50

Search = Callable[[str], Sequence[Passage]]


class PlainPeers:
    """LlamaIndex with Chroma, bm25s over the same chunks, and both fused."""

    def __init__(self, folder: Path, kept: int) -> None:
        self._kept = kept
        self._splitter = SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP_TOKENS)
        embedder = HuggingFaceEmbedding(model_name=str(minilm_folder()), device="cpu")
        embedder.get_text_embedding("warm up")
        collection = chromadb.PersistentClient(str(folder)).create_collection(
            "plain", embedding_function=None
        )
        store = ChromaVectorStore(chroma_collection=collection)
        self._index = VectorStoreIndex(
            [],
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=embedder,
        )
        self._passages: dict[str, Passage] = {}
        self._texts: dict[str, str] = {}
        self._stemmer = Stemmer.Stemmer("english")
        self._bm25 = bm25s.BM25()

    @property
    def chunks(self) -> int:
        return len(self._passages)

    def ingest(self, articles: Iterable[Article]) -> None:
        """Split, embed and store the articles, headline first."""
        heads = {article.url: f"{article.title}\n\n" for article in articles}
        documents = [
            Document(
                text=heads[article.url] + article.text,
                metadata={"url": article.url},
                excluded_embed_metadata_keys=["url"],
            )
            for article in articles
        ]
        nodes = self._splitter.get_nodes_from_documents(documents)
        self._index.insert_nodes(nodes)
        for node in nodes:
            self._remember(node, heads)

    def finish(self) -> None:
        """Build the BM25 index; it cannot be added to."""
        tokens = bm25s.tokenize(
            list(self._texts.values()), stopwords="en", stemmer=self._stemmer, show_progress=False
        )
        self._bm25.index(tokens, show_progress=False)

    def searches(self) -> Mapping[str, Search]:
        """The three searches by name; each gives up to `kept` passages."""
        return {
            "LlamaIndex + MiniLM + Chroma": lambda words: self._named(
                self._dense(words, self._kept)
            ),
            "bm25s": lambda words: self._named(self._lexical(words, self._kept)),
            "their plain RRF": lambda words: self._named(self._fused(words)),
        }

    def _remember(self, node: BaseNode, heads: Mapping[str, str]) -> None:
        url = str(node.metadata["url"])
        shift = len(heads[url])
        start, end = getattr(node, "start_char_idx", None), getattr(node, "end_char_idx", None)
        if start is None or end is None:
            raise ValueError(f"a chunk of {url} has no offsets")
        text = node.get_content(MetadataMode.NONE)
        self._texts[node.node_id] = text
        self._passages[node.node_id] = Passage(
            node.node_id, article_id(url), url, "", text, max(0, start - shift), end - shift
        )

    def _named(self, ids: Sequence[str]) -> list[Passage]:
        return [self._passages[name] for name in ids]

    def _dense(self, words: str, limit: int) -> list[str]:
        found = self._index.as_retriever(similarity_top_k=limit).retrieve(words)
        return [one.node.node_id for one in found]

    def _lexical(self, words: str, limit: int) -> list[str]:
        tokens = bm25s.tokenize([words], stopwords="en", stemmer=self._stemmer, show_progress=False)
        ids = list(self._texts)
        found, scores = self._bm25.retrieve(tokens, k=min(limit, len(ids)), show_progress=False)
        return [ids[at] for at, score in zip(found[0], scores[0], strict=True) if score > 0]

    def _fused(self, words: str) -> list[str]:
        points: dict[str, float] = {}
        for ranking in (self._dense(words, _FUSED), self._lexical(words, _FUSED)):
            for rank, name in enumerate(ranking, 1):
                points[name] = points.get(name, 0.0) + 1 / (_RRF_K + rank)
        return sorted(points, key=lambda name: -points[name])[: self._kept]
