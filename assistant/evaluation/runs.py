"""Ask every question of a set and keep what came of it.

In: an assistant, Questions, an output folder. Out: metrics; `predictions.jsonl`, `metrics.json`.
Refuses to know: how questions are read or answered.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.answering.assistant import Assistant
from assistant.errors import NewsAssistantError, SourceError
from assistant.evaluation.metrics import Scores, score, summarise
from assistant.evaluation.questions import Question

_PACKAGES = ("chromadb", "llama-index-core", "onnxruntime", "tantivy", "tiktoken")
_SHOWN = (
    "hit@1", "hit@5", "hit@10", "mrr@10", "answer_string@5", "exact_match", "f1", "contains",
    "abstention_precision", "abstention_recall", "citation_verbatim", "citation_precision",
)  # fmt: skip


def evaluate(
    assistant: Assistant,
    questions: Sequence[Question],
    output: Path | None = None,
    *,
    abstain: bool = True,
    resume: bool = False,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Ask each question with its history, as of the day it was asked on, and score the answers.

    With `output`, each answer is written to `predictions.jsonl` as soon as it is there (its `id`,
    its scores and the Answer as `to_json` gives it) and the figures to `metrics.json`; `resume`
    keeps the answers that the file already holds. A question that cannot be asked is recorded with
    its error and counts as unanswered. Memory does not grow with the number of questions but for
    their scores.
    """
    scores: dict[str, Scores] = {}
    errors: dict[str, str] = {}
    predictions = _open_predictions(output, scores, resume=resume)
    try:
        for question in questions:
            if question.id not in scores:
                line = _ask(assistant, question, abstain=abstain, scores=scores, errors=errors)
                if predictions:
                    predictions.write(json.dumps(line, ensure_ascii=False) + "\n")
                    predictions.flush()
            if progress:
                progress()
    finally:
        if predictions:
            predictions.close()
    asked = [scores[question.id] for question in questions if question.id in scores]
    metrics = summarise(asked, seed) | {"errors": errors} | _provenance(assistant, abstain, seed)
    if output:
        (output / "metrics.json").write_text(
            json.dumps(metrics, ensure_ascii=False, indent=2) + "\n", "utf-8"
        )
    return metrics


def summary_lines(metrics: dict[str, Any]) -> list[str]:
    """The main figures as lines of text, with their intervals, then F1 and hit@10 by kind."""
    lines = [f"{metrics['questions']} questions"]
    for name in _SHOWN:
        figure = metrics["overall"].get(name)
        if figure:
            interval = f"{100 * figure['low']:.1f} to {100 * figure['high']:.1f}"
            lines.append(f"{name:22} {100 * figure['value']:6.1f}  ({interval}, n={figure['n']})")
    for kind, figures in metrics["by_kind"].items():
        parts = [
            f"{name} {100 * figures[name]['value']:.1f}"
            for name in ("hit@10", "f1", "abstention_recall")
            if name in figures
        ]
        lines.append(f"  {kind:16} {', '.join(parts)}")
    latency = metrics["latency_ms"]
    lines.append(f"median {latency['median']:.0f} ms, 95 % under {latency['p95']:.0f} ms")
    lines += [f"not asked: {name}: {why}" for name, why in metrics["errors"].items()]
    return lines


def _ask(
    assistant: Assistant,
    question: Question,
    *,
    abstain: bool,
    scores: dict[str, Scores],
    errors: dict[str, str],
) -> dict[str, Any]:
    try:
        answer = assistant.ask(
            question.question, question.history, as_of=question.asked_on, abstain=abstain
        )
    except NewsAssistantError as error:
        errors[question.id] = str(error)
        return {"id": question.id, "error": str(error)}
    scores[question.id] = score(question, answer, assistant.archive.article)
    return {
        "id": question.id,
        **answer.to_json(),
        "gold": question.to_json(),
        "scores": scores[question.id].to_json(),
    }


def _open_predictions(output: Path | None, scores: dict[str, Scores], *, resume: bool) -> Any:
    """The predictions file, open for appending, with earlier scores read back on `resume`."""
    if output is None:
        return None
    path = output / "predictions.jsonl"
    try:
        output.mkdir(parents=True, exist_ok=True)
        kept = []
        if resume and path.exists():
            for line in path.read_text("utf-8").splitlines():
                try:
                    record = json.loads(line)
                except ValueError:
                    continue  # the line that was being written when the run was stopped
                if "scores" in record:
                    scores[record["id"]] = Scores(**record["scores"])
                    kept.append(line)
        path.write_text("".join(f"{line}\n" for line in kept), "utf-8")
        return path.open("a", encoding="utf-8")
    except (OSError, TypeError) as error:
        raise SourceError(
            f"The output folder {output} cannot be used ({error}). Name another with --output, or "
            "leave out --resume."
        ) from error


def _provenance(assistant: Assistant, abstain: bool, seed: int) -> dict[str, Any]:
    """What the figures depend on: time, machine, packages, settings, archive, reader."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(sys.argv),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "packages": {name: version(name) for name in _PACKAGES},
        "settings": assistant.settings.model_dump(mode="json"),
        "archive": assistant.archive.stats().to_json(),
        "threshold": assistant.threshold,
        "abstain": abstain,
        "seed": seed,
    }
