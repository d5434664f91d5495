"""A run's files, with an assistant made up for the purpose."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.errors import QuestionError, SourceError
from assistant.evaluation.comparison import compare
from assistant.evaluation.questions import Evidence, Question
from assistant.evaluation.runs import evaluate, summary_lines
from assistant.settings import Settings
from assistant.types import Answer, AppliedFilters, Article, Citation, Passage, StageScore, Turn
from tests.conftest import article

HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'> \u2028 𝔘"
LONG = article(1, text=article(1).text + " " + "The vote was close and nobody left early. " * 60)


class Archive:
    """Holds one article."""

    fingerprint = "f00d"

    def article(self, name: str) -> Article | None:
        return LONG if name in (LONG.url, LONG.id) else None

    def stats(self) -> Any:
        facts = {"articles": 1, "passages": 1, "fingerprint": self.fingerprint}
        return SimpleNamespace(to_json=lambda: facts)


class FakeAssistant:
    """Answers every question with one citation and twelve passages; "fail" raises."""

    settings = Settings()
    threshold = 0.5

    def __init__(self, said: str = "1 million crowns") -> None:
        self.archive = Archive()
        self.said = said
        self.calls: list[tuple[str, Sequence[Turn], date | None, bool]] = []

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: None = None,
        as_of: date | None = None,
        *,
        infer_filters: bool = True,
        abstain: bool = True,
    ) -> Answer:
        self.calls.append((question, history, as_of, abstain))
        if question == "fail":
            raise QuestionError("The question is empty.")
        if question == "crash":
            raise ValueError("not expected")
        start = LONG.text.index("Mayor")
        end = LONG.text.index("crowns.") + 7
        stages = {name: StageScore(1.0, 1) for name in ("dense", "lexical", "fused", "reader")}
        passages = tuple(
            Passage(str(n), LONG.id, LONG.url, HOSTILE, LONG.text[n:], n, len(LONG.text), None,
                    None, None, None, 1.0, stages)
            for n in range(12)
        )  # fmt: skip
        return Answer(
            question, question, self.said, f"{LONG.text[start:end]} [1]",
            (Citation(1, LONG.text[start:end], start, end, LONG),), passages, AppliedFilters(),
            False, 0.8, {"total": 3.0},
        )  # fmt: skip


def question(name: str, text: str = "How much?") -> Question:
    return Question(
        name, "factoid", text, ("1 million crowns",),
        (Evidence(LONG.url, "plan would cost 1 million crowns"),), date(2024, 5, 15),
        (Turn("Who voted?", "The council"),),
    )  # fmt: skip


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_history_day_and_settings_reach_the_assistant(tmp_path: Path) -> None:
    fake = FakeAssistant()
    evaluate(fake, [question("a")], tmp_path, abstain=False)  # type: ignore[arg-type]
    asked = ("How much?", (Turn("Who voted?", "The council"),), date(2024, 5, 15), False)
    assert fake.calls == [asked]


def test_the_files_of_a_run(tmp_path: Path) -> None:
    fake = FakeAssistant()
    metrics = evaluate(fake, [question("a"), question("b")], tmp_path)  # type: ignore[arg-type]
    first, _ = lines(tmp_path / "predictions.jsonl")
    wanted = fake.ask("How much?").to_json()
    assert {**wanted, "passages": wanted["passages"][:10]}.items() <= first.items()
    assert len((tmp_path / "run.trec").read_text("utf-8").splitlines()) == 24
    stored = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert stored == json.loads(json.dumps(metrics))
    assert stored["complete"]
    assert {"time", "command", "python", "packages", "models", "settings", "seed"} <= stored.keys()
    assert stored["archive_fingerprint"] == "f00d"
    assert stored["overall"]["hit@20"]["value"] == 1
    assert stored["overall"]["dense.hit@1"]["n"] == 2
    assert any("exact_match" in line for line in summary_lines(metrics))


def test_a_question_that_fails_stops_nothing_and_is_asked_again(tmp_path: Path) -> None:
    fake = FakeAssistant()
    asked = [question("a", "fail"), question("b"), question("c", "crash")]
    metrics = evaluate(fake, asked, tmp_path)  # type: ignore[arg-type]
    assert metrics["failed"] == 2
    assert metrics["errors"]["a"] == "QuestionError: The question is empty."
    assert metrics["overall"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert lines(tmp_path / "predictions.jsonl")[0]["error"]
    fake.calls.clear()
    evaluate(fake, asked, tmp_path, resume=True)  # type: ignore[arg-type]
    assert [text for text, *_ in fake.calls] == ["fail", "crash"]
    assert len(lines(tmp_path / "predictions.jsonl")) == 3


def test_resume_refuses_another_run(tmp_path: Path) -> None:
    fake = FakeAssistant()
    evaluate(fake, [question("a")], tmp_path)  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="questions_sha256"):
        evaluate(fake, [question("b")], tmp_path, resume=True)  # type: ignore[arg-type]
    fake.archive.fingerprint = "beef"
    with pytest.raises(SourceError, match="archive_fingerprint"):
        evaluate(fake, [question("a")], tmp_path, resume=True)  # type: ignore[arg-type]
    (tmp_path / "predictions.jsonl").write_text('{"id": "a"}\n', "utf-8")
    fake.archive.fingerprint = "f00d"
    with pytest.raises(SourceError, match="leave out --resume"):
        evaluate(fake, [question("a")], tmp_path, resume=True)  # type: ignore[arg-type]


def test_the_same_run_gives_the_same_figures(tmp_path: Path) -> None:
    asked = [question(str(n)) for n in range(5)]
    one, two = (
        evaluate(FakeAssistant(), asked, tmp_path / n)  # type: ignore[arg-type]
        for n in "ab"
    )
    assert one["overall"] == two["overall"]
    assert (one["by_kind"], one["risk_coverage"]) == (two["by_kind"], two["risk_coverage"])


def test_fixed_and_broken_questions_are_named(tmp_path: Path) -> None:
    asked = [question("a"), question("b")]
    evaluate(FakeAssistant("nobody"), asked, tmp_path / "a")  # type: ignore[arg-type]
    evaluate(FakeAssistant(), asked, tmp_path / "b")  # type: ignore[arg-type]
    comparison = compare(tmp_path / "a", tmp_path / "b")
    assert (comparison.fixed, comparison.broken) == (("a", "b"), ())
    assert "fixed: 2 – a, b" in comparison.lines()
    evaluate(FakeAssistant(), [question("z")], tmp_path / "z")  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="share no question"):
        compare(tmp_path / "a", tmp_path / "z")
    with pytest.raises(SourceError, match="--output folder"):
        compare(tmp_path / "a", tmp_path / "none")


def test_scoring_adds_little_to_answering(tmp_path: Path) -> None:
    """240 questions: under 5 % of the 0.5 s that one takes to answer (docs/benchmarks.md)."""
    asked = [question(str(n)) for n in range(240)]
    started = time.process_time()
    evaluate(FakeAssistant(), asked, tmp_path)  # type: ignore[arg-type]
    assert (time.process_time() - started) / len(asked) < 0.05 * 0.5


def test_memory_is_flat_but_for_the_scores(tmp_path: Path) -> None:
    def peak(number: int) -> int:
        asked = [question(str(n)) for n in range(number)]
        tracemalloc.start()
        evaluate(FakeAssistant(), asked, tmp_path)  # type: ignore[arg-type]
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(2)
    answers_bytes = (tmp_path / "predictions.jsonl").stat().st_size // 2
    grown = (peak(120) - peak(20)) / 100
    assert grown < answers_bytes / 2


@pytest.mark.e2e
def test_the_report_of_5000_questions_opens_within_two_seconds(
    tmp_path: Path, browser: Any
) -> None:
    asked = [question("q0", HOSTILE), question("q1")]
    evaluate(FakeAssistant("nobody"), asked, tmp_path)  # type: ignore[arg-type]
    first, _ = lines(tmp_path / "predictions.jsonl")
    with (tmp_path / "predictions.jsonl").open("w", encoding="utf-8") as out:
        for number in range(5_000):
            out.write(json.dumps(first | {"id": f"q{number}"}) + "\n")
    from assistant.evaluation.report import write_report

    report = write_report(tmp_path)
    page = browser.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    started = time.monotonic()
    page.goto(report.as_uri())
    page.wait_for_selector("details")
    assert time.monotonic() - started < 2
    assert page.locator("details").count() == 50
    assert "of 5000" in page.locator("#count").inner_text()
    page.select_option("#show", "wrong")
    page.locator("details summary").first.click()
    assert HOSTILE[:30] in page.locator("details").first.inner_text()
    assert "1 million crowns" in page.locator("details mark").first.inner_text()
    assert page.evaluate("window.pwned") is None
    page.select_option("#show", "right")
    assert page.locator("details").count() == 0
    assert errors == []
    assert requests == [report.as_uri()]
    page.close()


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SourceError, match="--output"):
        evaluate(FakeAssistant(), [question("a")], tmp_path / "file")  # type: ignore[arg-type]


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    evaluate(FakeAssistant(), [replace(question("a"), evidence=())])  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
