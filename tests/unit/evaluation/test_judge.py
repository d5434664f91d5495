"""The LLM judge, with a made-up LLM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

from assistant.errors import SettingsError
from assistant.evaluation.judge import judge_run
from assistant.evaluation.runs import evaluate
from tests.unit.evaluation.test_runs import FakeAssistant, question


class Judge(CustomLLM):
    """Says the same about everything and remembers what it was asked."""

    said: str = "Correct."
    asked: list[str] = []  # noqa: RUF012  a pydantic field, copied for each judge

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="made-up")

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        raise NotImplementedError

    def stream_complete(
        self, prompt: str, formatted: bool = False, **_: Any
    ) -> Iterator[CompletionResponse]:
        self.asked.append(prompt)
        yield CompletionResponse(text=self.said, delta=self.said)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    evaluate(FakeAssistant(), [question("a"), question("b")], tmp_path / "run")  # type: ignore[arg-type]
    (tmp_path / "judge.md").write_text("$question $answers $answer", "utf-8")
    return tmp_path / "run"


def test_verdicts_stand_beside_the_automatic_figures(run: Path) -> None:
    before = json.loads((run / "metrics.json").read_text("utf-8"))
    judge = Judge()
    result = judge_run(run, judge, prompt=run.parent / "judge.md")
    assert result["correct"]["value"] == 1
    assert result["agreement"]["value"] == 1
    after = json.loads((run / "metrics.json").read_text("utf-8"))
    assert after["judge"] == result
    assert after["overall"] == before["overall"]
    assert '"How much?"' in judge.asked[0]
    judge_run(run, judge, prompt=run.parent / "judge.md")
    assert len(judge.asked) == 2


def test_a_reply_that_is_no_verdict_counts_for_nothing(run: Path) -> None:
    said = Judge(said="Well, it depends")
    result = judge_run(run, said, prompt=run.parent / "judge.md")
    assert result["no_verdict"] == 2
    assert "correct" not in result


def test_a_prompt_without_its_variables_is_refused(run: Path) -> None:
    (run.parent / "judge.md").write_text("$question $answer", "utf-8")
    with pytest.raises(SettingsError, match=r"\$answers"):
        judge_run(run, Judge(), prompt=run.parent / "judge.md")
