"""The whole way on the sample corpus: ingest, ask every question, hold the floors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.answering.assistant import Assistant
from assistant.articles import load_articles
from assistant.errors import SourceError
from assistant.evaluation.baseline import check_floors, read_floors
from assistant.evaluation.comparison import compare, write_comparison
from assistant.evaluation.questions import Question, read_questions
from assistant.evaluation.runs import evaluate
from assistant.evaluation.trec import score_run
from assistant.settings import load_settings

CORPUS = Path(__file__).parents[2] / "corpus"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions(CORPUS / "questions.jsonl")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    # No time budget: on a slow machine the same passages must be read, so that figures are equal.
    settings = load_settings(
        archive=tmp_path_factory.mktemp("evaluate") / "archive", read_budget_s=600
    )
    with Assistant.open(settings) as opened:
        opened.archive.ingest(load_articles([CORPUS]))
        yield opened


@pytest.fixture(scope="module")
def run(
    assistant: Assistant, questions: list[Question], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("run")
    return folder, evaluate(assistant, questions, folder)


def test_sample_corpus_holds_its_floors(run: tuple[Path, dict[str, Any]]) -> None:
    assert check_floors(run[1], read_floors()) == []


def test_every_gold_quote_is_in_the_archive_and_no_question_fails(
    run: tuple[Path, dict[str, Any]],
) -> None:
    assert run[1]["gold_quotes_not_in_archive"] == 0
    assert run[1]["errors"] == {}
    assert run[1]["complete"]


def test_every_quote_is_verbatim(run: tuple[Path, dict[str, Any]]) -> None:
    assert run[1]["overall"]["citation_verbatim"]["value"] == 1


def test_predictions_are_answers_in_the_order_of_the_set(
    run: tuple[Path, dict[str, Any]], questions: list[Question]
) -> None:
    lines = (run[0] / "predictions.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["id"] for record in records] == [question.id for question in questions]
    for record in records:
        assert len(record["passages"]) <= 10
        assert {"url", "title", "text", "start", "end", "score"} <= record["passages"][0].keys()
        assert record["timings_ms"]["total"] > 0


def test_our_run_file_scores_as_the_run_did(
    run: tuple[Path, dict[str, Any]], assistant: Assistant, questions: list[Question]
) -> None:
    again = score_run(run[0] / "run.trec", questions, assistant.archive.article)["overall"]
    for name in ("hit@1", "hit@10", "mrr@10"):
        # Copies that stand behind a passage are not in a run file, so ours may only be better.
        assert again[name]["value"] <= run[1]["overall"][name]["value"]
        assert again[name]["value"] == pytest.approx(run[1]["overall"][name]["value"], abs=0.05)


def test_resume_asks_only_what_is_missing_and_gives_the_same_figures(
    run: tuple[Path, dict[str, Any]],
    assistant: Assistant,
    questions: list[Question],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = questions[:6]
    whole = evaluate(assistant, few, tmp_path / "whole")
    asked: list[str] = []
    ask = assistant.ask

    def interrupted(question: str, *given: Any, **named: Any) -> Any:
        if len(asked) == 3:
            raise KeyboardInterrupt
        asked.append(question)
        return ask(question, *given, **named)

    monkeypatch.setattr(assistant, "ask", interrupted)
    with pytest.raises(KeyboardInterrupt):
        evaluate(assistant, few, tmp_path / "cut")
    kept = json.loads((tmp_path / "cut" / "metrics.json").read_text("utf-8"))
    assert (kept["complete"], kept["questions"]) == (False, 3)
    with (tmp_path / "cut" / "predictions.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "half a li')
    monkeypatch.undo()
    resumed = evaluate(assistant, few, tmp_path / "cut", resume=True)
    assert resumed["overall"] == whole["overall"]
    same = [(tmp_path / name / "run.trec").read_text("utf-8") for name in ("whole", "cut")]
    assert same[0] == same[1]
    with pytest.raises(SourceError, match="asked"):
        evaluate(assistant, few, tmp_path / "cut", resume=True, abstain=False)


def test_two_runs_compare_question_by_question(
    run: tuple[Path, dict[str, Any]],
    assistant: Assistant,
    questions: list[Question],
    tmp_path: Path,
) -> None:
    evaluate(assistant, questions[:12], tmp_path / "other", abstain=False)
    comparison = compare(run[0], tmp_path / "other")
    assert comparison.differences["accuracy"].n == 12
    assert comparison.only_a == len(questions) - 12
    assert any("abstention" in text for text in comparison.warnings)
    write_comparison(comparison, tmp_path / "comparison.html")
    assert "<script" in (tmp_path / "comparison.html").read_text("utf-8")
