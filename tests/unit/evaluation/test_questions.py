"""Question files: read, or refused by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import SourceError
from assistant.evaluation.questions import read_questions, select_questions
from tests.conftest import CORPUS


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_the_corpus_set() -> None:
    questions = read_questions(CORPUS / "questions.jsonl")
    assert len(questions) >= 80
    kinds = {question.kind for question in questions}
    assert kinds == {
        "factoid", "attribution", "multi", "temporal", "follow_up", "unanswerable", "false_premise",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"id": "x"}', '{"id": "x", "question": "q", "answers": 3}',
     '{"id": "x", "question": "q", "answers": [], "asked_on": "soon"}'],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps({"id": "a", "kind": "factoid", "question": "Who?", "answers": ["x"]})
    path = write(tmp_path / "q.jsonl", good, line)
    with pytest.raises(SourceError, match=r"q\.jsonl:2"):
        read_questions(path)


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    line = json.dumps({"id": "a", "kind": "factoid", "question": "Who?", "answers": ["x"]})
    with pytest.raises(SourceError, match="taken already"):
        read_questions(write(tmp_path / "q.jsonl", line, line))


def test_missing_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no question set"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(SourceError, match="no questions"):
        read_questions(write(tmp_path / "q.jsonl", ""))


def test_selection_is_the_same_for_the_same_seed() -> None:
    questions = read_questions(CORPUS / "questions.jsonl")
    chosen = select_questions(questions, kinds=["factoid"], sample=5, seed=1)
    assert chosen == select_questions(questions, kinds=["factoid"], sample=5, seed=1)
    assert {question.kind for question in chosen} == {"factoid"}
    with pytest.raises(SourceError, match="Kinds of this set"):
        select_questions(questions, kinds=["poem"])
