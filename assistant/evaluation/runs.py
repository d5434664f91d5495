"""Ask every question of a set and keep what came of it.

In: an assistant, Questions, an output folder. Out: metrics; `predictions.jsonl`, `run.trec`,
`metrics.json`, `report.html`. Refuses to know: how questions are read or answered.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from assistant.answering.assistant import Assistant
from assistant.errors import SourceError
from assistant.evaluation.metrics import Scores, score, score_failure, summarise
from assistant.evaluation.provenance import SAME_RUN, provenance
from assistant.evaluation.questions import Question
from assistant.evaluation.report import write_report
from assistant.evaluation.trec import run_lines, topic_name
from assistant.types import Answer

KEPT_PASSAGES = 10
_SHOWN = (
    "hit@1", "hit@5", "hit@10", "recall@10", "mrr@10", "article_hit@10", "answer_string@5",
    "exact_match", "f1", "contains", "accuracy", "crag", "abstention_precision",
    "abstention_recall", "abstention_f1", "citation_verbatim", "citation_precision",
    "citation_recall",
)  # fmt: skip


def evaluate(
    assistant: Assistant,
    questions: Sequence[Question],
    output: Path | None = None,
    *,
    abstain: bool = True,
    infer_filters: bool = True,
    resume: bool = False,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Ask each question with its history, as of the day it was asked on, and score the answers.

    With `output`, each answer goes to `predictions.jsonl` and its ten best passages' ranking to
    `run.trec` as soon as it is there; figures and report come at the end, also when the run is
    interrupted (then the interrupt goes on up). `resume` keeps the answers that the folder holds
    and asks the rest; it raises SourceError where the folder's run was another one. A question
    that fails is recorded with its error, counts as not answered, and is asked again on `resume`.
    Memory does not grow with the number of questions but for their scores.
    """
    started = time.monotonic()
    facts = provenance(assistant, questions, seed, abstain=abstain, infer_filters=infer_filters)
    scores: dict[str, Scores] = {}
    errors: dict[str, str] = {}
    metrics: dict[str, Any] = {}
    with _Record(output, facts, resume=resume) as record:
        scores |= record.earlier
        try:
            for question in questions:
                if question.id not in scores:
                    answer = _ask(assistant, question, errors, abstain, infer_filters)
                    if answer is None:
                        scores[question.id] = score_failure(question)
                    else:
                        scores[question.id] = score(question, answer, assistant.archive.article)
                    record.add(question, answer, scores[question.id], errors.get(question.id))
                if progress:
                    progress()
        finally:
            asked = [scores[question.id] for question in questions if question.id in scores]
            metrics = {"complete": len(asked) == len(questions), **summarise(asked, seed)}
            metrics |= {"errors": errors, "seconds": round(time.monotonic() - started, 1), **facts}
            record.finish(metrics)
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
            for name in ("hit@10", "f1", "accuracy", "abstention_recall")
            if name in figures
        ]
        lines.append(f"  {kind:16} {', '.join(parts)}")
    latency = metrics["latency_ms"]
    if latency:
        median, late = latency["median"]["value"], latency["p95"]["value"]
        lines.append(f"median {median:.0f} ms, 95 % under {late:.0f} ms")
    if metrics["gold_quotes_not_in_archive"]:
        lines.append(
            f"{metrics['gold_quotes_not_in_archive']} of {metrics['gold_quotes']} gold quotes are "
            "not in the archive and count as not found; ingest the set's articles."
        )
    lines += [f"not asked: {name}: {why}" for name, why in metrics["errors"].items()]
    return lines


def _ask(
    assistant: Assistant,
    question: Question,
    errors: dict[str, str],
    abstain: bool,
    infer_filters: bool,
) -> Answer | None:
    try:
        return assistant.ask(
            question.question,
            question.history,
            as_of=question.asked_on,
            abstain=abstain,
            infer_filters=infer_filters,
        )
    except Exception as error:  # noqa: BLE001  one bad question must not cost the other 829
        errors[question.id] = f"{type(error).__name__}: {error}"
        return None


class _Record:
    """The files of one run, written as it goes; does nothing without a folder."""

    def __init__(self, folder: Path | None, facts: dict[str, Any], *, resume: bool) -> None:
        self._folder = folder
        self.earlier: dict[str, Scores] = {}
        self._predictions: TextIO | None = None
        self._run: TextIO | None = None
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._take_over(folder, facts, resume)
            self._predictions = (folder / "predictions.jsonl").open("a", encoding="utf-8")
            self._run = (folder / "run.trec").open("a", encoding="utf-8")
            _write_json(folder / "metrics.json", {"complete": False, **facts})
        except (OSError, TypeError, ValueError, KeyError) as error:
            raise SourceError(
                f"The output folder {folder} cannot be used ({error}). Name another with --output, "
                "or leave out --resume."
            ) from error

    def __enter__(self) -> _Record:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for file in (self._predictions, self._run):
            if file:
                file.close()

    def add(
        self, question: Question, answer: Answer | None, scores: Scores, error: str | None
    ) -> None:
        """Put one question's outcome down, the ranking first: a prediction marks it as done."""
        if self._predictions is None or self._run is None:
            return
        line: dict[str, Any] = {"id": question.id}
        if answer:
            self._run.writelines(run_lines(question.id, answer.passages))
            self._run.flush()
            line |= answer.to_json()
            line["passages"] = line["passages"][:KEPT_PASSAGES]
        else:
            line |= {"question": question.question, "error": error}
        line |= {"gold": question.to_json(), "scores": scores.to_json()}
        self._predictions.write(_one_line(line))
        self._predictions.flush()

    def finish(self, metrics: dict[str, Any]) -> None:
        """Write the figures and the report."""
        if self._folder:
            _write_json(self._folder / "metrics.json", metrics)
            write_report(self._folder)

    def _take_over(self, folder: Path, facts: dict[str, Any], resume: bool) -> None:
        """Keep what `resume` may keep of an earlier run in this folder; empty the rest."""
        predictions, run = folder / "predictions.jsonl", folder / "run.trec"
        if resume and predictions.exists():
            self._check_same(folder / "metrics.json", facts)
            _rewrite(predictions, self._kept_lines(predictions))
            topics = {topic_name(name) for name in self.earlier}
            kept = run.open(encoding="utf-8") if run.exists() else ()
            _rewrite(run, (line for line in kept if line.split(" ", 1)[0] in topics))
        else:
            predictions.write_text("", "utf-8")
            run.write_text("", "utf-8")

    def _check_same(self, path: Path, facts: dict[str, Any]) -> None:
        earlier = json.loads(path.read_text("utf-8")) if path.exists() else facts
        now = json.loads(json.dumps(facts))
        changed = [name for name in SAME_RUN if earlier.get(name) != now[name]]
        if changed:
            raise SourceError(
                f"The run in {self._folder} differs in {', '.join(changed)} and cannot be gone on "
                "with. Name another folder with --output, or leave out --resume to start it anew."
            )

    def _kept_lines(self, path: Path) -> Iterable[str]:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue  # the line that was being written when the run was stopped
                if not record["scores"]["error"] and line.endswith("\n"):
                    self.earlier[record["id"]] = Scores(**record["scores"])
                    yield line


def _one_line(record: dict[str, Any]) -> str:
    """The record as JSON that is one line to everybody: also to readers that split at U+2028."""
    text = json.dumps(record, ensure_ascii=False)
    return re.sub("[\x85\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text) + "\n"


def _rewrite(path: Path, lines: Iterable[str]) -> None:
    """Replace a file by some of its own lines, at once."""
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8") as out:
        out.writelines(lines)
    fresh.replace(path)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    fresh.replace(path)
