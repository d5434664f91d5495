"""The command line as a user meets it: output, JSON fields, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.cli import main
from tests.conftest import CORPUS
from tests.llm_server import says, serving, status


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cli") / "archive"
    reports = [str(path) for path in sorted(CORPUS.glob("2022-09-*.md"))]
    assert main(["ingest", *reports, "--archive", str(place)]) == 0
    return place


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_ingest_prints_a_summary(
    capsys: pytest.CaptureFixture[str], filled: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    code, out, _ = run(
        capsys, "ingest", str(CORPUS), str(bad), "--archive", str(filled), "--json"
    )  # fmt: skip
    summary = json.loads(out)
    assert code == 0
    assert summary["added"] > 0
    assert summary["unchanged"] > 0
    assert summary["rejected"][0]["source"].startswith(str(bad))


def test_columns_can_be_given(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("kop,tekst\nBrug,De raad van Marlow stemde voor een nieuwe brug.\n")
    place = ("--archive", str(tmp_path / "archive"), "--json")
    code, out, _ = run(capsys, "ingest", str(table), "--map", "text=body", *place)
    assert code == 0
    assert "kop, tekst" in json.loads(out)["rejected"][0]["reason"]
    code, out, _ = run(
        capsys, "ingest", str(table), "--map", "title=kop", "--map", "text=tekst", *place
    )
    assert json.loads(out)["added"] == 1
    code, _, err = run(capsys, "ingest", str(table), "--map", "headline=kop", *place)
    assert code == 2
    assert "'headline'" in err


def test_ask_json_has_the_promised_fields(capsys: pytest.CaptureFixture[str], filled: Path) -> None:
    code, out, _ = run(
        capsys, "ask", "Who denied the arms sale?", "--archive", str(filled), "--json"
    )
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= {
        "question", "standalone_question", "answer", "text", "citations", "passages", "filters",
        "abstained", "timings_ms",
    }  # fmt: skip
    for citation in answer["citations"]:
        assert set(citation) >= {
            "number", "quote", "start", "end", "article", "url", "title", "publisher",
            "published_at",
        }  # fmt: skip
    for passage in answer["passages"]:
        assert set(passage) >= {"url", "title", "text", "start", "end", "score"}


def test_ask_and_search_in_words(capsys: pytest.CaptureFixture[str], filled: Path) -> None:
    code, out, _ = run(capsys, "ask", "Who denied the arms sale?", "--archive", str(filled))
    assert code == 0
    assert "[1]" in out or "not in the archive" in out
    code, out, _ = run(
        capsys, "search", "arms sale", "--archive", str(filled), "--publisher", "Harbor Wire",
        "--from", "2022-09-01", "--to", "2022-09-30",
    )  # fmt: skip
    assert code == 0
    assert "Harbor Wire" in out
    assert "Meridian Post, 20" not in out


def test_evaluate_writes_predictions_and_metrics(
    capsys: pytest.CaptureFixture[str], filled: Path, tmp_path: Path
) -> None:
    arguments = [
        "evaluate", str(CORPUS / "questions.jsonl"), "--archive", str(filled), "--output",
        str(tmp_path / "run"), "--limit", "4",
    ]  # fmt: skip
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "questions" in out
    lines = (tmp_path / "run" / "predictions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["SC-001", "SC-002", "SC-003", "SC-004"]
    assert {"answer", "passages", "timings_ms"} <= set(json.loads(lines[0]))
    assert "total" in json.loads(lines[0])["timings_ms"]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert metrics
    # A run that was cut off in the middle of a line goes on where it was.
    (tmp_path / "run" / "predictions.jsonl").write_text("\n".join(lines[:2]) + '\n{"id": "SC')
    code, _, _ = run(capsys, *arguments, "--resume")
    assert code == 0
    again = (tmp_path / "run" / "predictions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in again] == ["SC-001", "SC-002", "SC-003", "SC-004"]


def test_stats(capsys: pytest.CaptureFixture[str], filled: Path) -> None:
    code, out, _ = run(capsys, "stats", "--archive", str(filled), "--json")
    assert code == 0
    assert json.loads(out)["articles"] > 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "Who?", "--archive", "{tmp}/none"], "no archive"),
        (["ask", " ", "--archive", "{filled}"], "empty"),
        (["ask", "why " * 25_000, "--archive", "{filled}"], "2,000"),
        (["ingest", "{tmp}/none.txt", "--archive", "{tmp}/a"], "no file"),
        (["evaluate", "{tmp}/none.jsonl", "--archive", "{filled}"], "question set"),
        (["stats", "--archive", "{filled}", "--settings", "{tmp}/none.toml"], "settings file"),
        (["ask", "Who?", "--archive", "{filled}", "--from", "2023-01-01", "--to", "2022-01-01"],
         "wrong way round"),
    ],
)  # fmt: skip
def test_the_callers_mistakes_exit_2_with_the_remedy(
    capsys: pytest.CaptureFixture[str],
    filled: Path,
    tmp_path: Path,
    arguments: list[str],
    words: str,
) -> None:
    given = [part.format(tmp=tmp_path, filled=filled) for part in arguments]
    code, out, err = run(capsys, *given)
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert out == ""


def test_wrong_arguments_exit_2() -> None:
    for arguments in (["ask"], ["ask", "x", "--from", "soon"], ["search", "x", "--limit", "0"], []):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2


def test_unknown_settings_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_ASSISTANT_CHUNK_TOKEN", "100")
    assert main(["stats", "--archive", str(tmp_path)]) == 2


def test_a_second_process_is_told_who_owns_the_archive(filled: Path) -> None:
    from assistant.archive.archive import Archive
    from assistant.settings import Settings

    with Archive.open(filled, settings=Settings(archive=filled)):
        child = subprocess.run(
            [sys.executable, "-m", "assistant.cli", "stats", "--archive", str(filled)],
            capture_output=True,
            text=True,
            check=False,
            env={"NEWS_ASSISTANT_LOCK_TIMEOUT_S": "0.1", "PATH": ""},
        )
    assert child.returncode == 2
    assert "in use by process" in child.stderr


def test_another_systems_run_is_scored_by_the_same_gold(
    capsys: pytest.CaptureFixture[str], filled: Path, tmp_path: Path
) -> None:
    _, out, _ = run(capsys, "search", "arms sale denied", "--archive", str(filled), "--json")
    best = json.loads(out)["passages"][0]
    sets = tmp_path / "questions.jsonl"
    evidence = [{"url": best["url"], "quote": best["text"][:60]}]
    sets.write_text(
        json.dumps({"id": "q1", "kind": "factoid", "question": "Who denied the arms sale?",
                    "answers": ["Russia"], "evidence": evidence}), "utf-8",
    )  # fmt: skip
    name = f"{best['article_id']}:{best['start']}-{best['end']}"
    theirs = tmp_path / "theirs.trec"
    theirs.write_text(f"q1 Q0 elsewhere 1 9 other\nq1 Q0 {name} 2 8 other\n", "utf-8")
    command = ["evaluate", str(sets), "--run", str(theirs), "--archive", str(filled)]
    code, out, _ = run(capsys, *command, "--json")
    figures = json.loads(out)["overall"]
    assert code == 0
    assert (figures["hit@1"]["value"], figures["hit@5"]["value"]) == (0, 1)
    assert "accuracy" not in figures
    code, out, _ = run(capsys, *command)
    assert code == 0
    assert "hit@5" in out


def test_a_language_model_judges_beside_the_automatic_figures(
    capsys: pytest.CaptureFixture[str],
    filled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = [
        "evaluate", str(CORPUS / "questions.jsonl"), "--archive", str(filled), "--limit", "3",
        "--no-abstain", "--output", str(tmp_path / "run"), "--judge",
    ]  # fmt: skip
    code, _, err = run(capsys, *asked)
    assert code == 2
    assert "llm_model" in err
    monkeypatch.setenv("NEWS_ASSISTANT_LLM", "openai-like")
    monkeypatch.setenv("NEWS_ASSISTANT_LLM_MODEL", "scripted")
    monkeypatch.setenv("NEWS_ASSISTANT_LLM_API_KEY", "sk-secret")
    with serving(says("Correct."), status(500), says("incorrect")) as server:
        monkeypatch.setenv("NEWS_ASSISTANT_LLM_URL", server.url)
        code, _, err = run(capsys, *asked)
        assert code == 1
        assert "--resume" in err
        code, out, _ = run(capsys, *asked, "--resume", "--json")
    assert code == 0
    judged = json.loads(out)["judge"]
    kept = (tmp_path / "run" / "verdicts.jsonl").read_text("utf-8")
    verdicts = [json.loads(line)["verdict"] for line in kept.splitlines()]
    assert verdicts[0] is True
    assert not any(verdicts[1:])
    assert judged["model"] == "scripted"
    assert judged["correct"]["n"] == len(verdicts)
    metrics = (tmp_path / "run" / "metrics.json").read_text("utf-8")
    assert json.loads(metrics)["judge"] == judged
    assert "sk-secret" not in out + kept + metrics


def test_a_publisher_that_does_not_exist_is_named_with_those_that_do(
    capsys: pytest.CaptureFixture[str], filled: Path
) -> None:
    asked = ["--publisher", "Meridian Post", "--archive", str(filled)]
    _, out, _ = run(capsys, "search", "arms sale", *asked)
    assert "No publisher is called Meridian Post." in out
    assert "The Meridian Post" in out
    _, out, _ = run(capsys, "ask", "Who denied the arms sale?", *asked)
    assert "The Meridian Post" in out
