"""A static embedder for benchmarks of storage: words hashed into 64 dimensions.

In: texts. Out: deterministic vectors of length one. Refuses to know: meaning. It costs next to
nothing, so that what is measured is the archive.
"""

from __future__ import annotations

import zlib

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

DIMENSIONS = 64


class HashingEmbedding(BaseEmbedding):
    """Texts that share words are near."""

    def _embed(self, text: str) -> list[float]:
        places = [zlib.crc32(word.encode()) % DIMENSIONS for word in text.casefold().split()]
        vector = np.bincount(places, minlength=DIMENSIONS).astype(np.float64)
        norm = np.linalg.norm(vector)
        return (vector / norm if norm else vector).tolist()

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._embed(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embed(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._embed(query)
