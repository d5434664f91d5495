"""A tiny embedder, so that tests of storage need no model, and archives in temporary folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.answering.assistant import Assistant
from assistant.archive.archive import Archive
from assistant.articles import load_articles
from assistant.settings import Settings
from tests.conftest import CORPUS


class HashEmbedding(BaseEmbedding):
    """Words hashed into 64 dimensions: texts that share words are near. For storage tests only."""

    def _embed(self, text: str) -> list[float]:
        vector = np.zeros(64)
        for word in text.casefold().split():
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1
        return list(vector / (np.linalg.norm(vector) or 1))

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._embed(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embed(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._embed(query)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def open_archive(place: Path, **options: object) -> Archive:
    """An archive with the hashing embedder."""
    settings = Settings(archive=place, lock_timeout_s=0.2)
    return Archive.open(place, settings=settings, embedder=HashEmbedding(), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def corpus_assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The real assistant over the sample corpus."""
    settings = Settings(archive=tmp_path_factory.mktemp("corpus") / "archive", read_budget_s=30)
    with Assistant.open(settings) as assistant:
        summary = assistant.archive.ingest(load_articles([CORPUS]))
        assert not summary.rejected
        yield assistant
