"""Switches that keep third-party packages from reaching the network.

In: nothing. Out: environment variables, set only where the user has not set them. Must run before
Chroma, Gradio, tiktoken or Hugging Face packages are imported.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path


def go_offline() -> None:
    """Turn off telemetry, update checks and downloads of every package we load."""
    for name, value in {
        "ANONYMIZED_TELEMETRY": "False",
        "DO_NOT_TRACK": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }.items():
        os.environ.setdefault(name, value)
    # LlamaIndex ships the tiktoken ranks and the NLTK data that would be downloaded otherwise.
    spec = importlib.util.find_spec("llama_index.core")
    if spec and spec.origin:
        static = Path(spec.origin).parent / "_static"
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(static / "tiktoken_cache"))
        os.environ.setdefault("NLTK_DATA", str(static / "nltk_cache"))
