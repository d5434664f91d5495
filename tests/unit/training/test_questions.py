"""The training questions that the project wrote or judged are well-formed and fit their texts."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
QUESTIONS = ROOT / "training" / "questions"
QUIZ = ROOT.parent / "shared" / "data" / "reader" / "realtimeqa-2022-2024.jsonl.gz"


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    if not QUIZ.exists():
        pytest.skip("the training data is not beside this checkout")
    with gzip.open(QUIZ, "rt", encoding="utf-8") as lines:
        return {record["id"]: record for record in map(json.loads, lines)}


def _fields(name: str, count: int) -> list[list[str]]:
    rows = [line.split("\t") for line in (QUESTIONS / name).read_text("utf-8").splitlines()]
    assert {len(row) for row in rows} == {count}
    return rows


def test_judged_spans_exist(records: dict[str, dict[str, Any]]) -> None:
    for question, right, wrong in _fields("quiz.tsv", 3):
        passages = records[question]["passages"]
        for window in right.split():
            passage, span = map(int, window.split("."))
            assert passages[passage]["spans"][span]
        judged = {window.split(".")[0] for window in right.split()}
        assert not judged & set(wrong.split())
        assert all(passages[int(number)]["spans"] for number in wrong.split())


def test_answers_of_written_questions_stand_where_they_are_said_to(
    records: dict[str, dict[str, Any]],
) -> None:
    for place, question, start, end in _fields("written.tsv", 4):
        record, _, number = place.rpartition("/")
        text = records[record]["passages"][int(number)]["text"]
        assert question == " ".join(question.split())
        if start:
            first, last = int(start), int(end)
            assert text[first:last].strip()
            assert not re.fullmatch(r"\w\w", text[max(first - 1, 0) : first + 1])


def test_the_words_that_settle_a_yes_or_no_stand_where_they_are_said_to(
    records: dict[str, dict[str, Any]],
) -> None:
    for place, question, verdict, start, end in _fields("polar.tsv", 5):
        record, _, number = place.rpartition("/")
        text = records[record]["passages"][int(number)]["text"]
        assert question == " ".join(question.split())
        assert verdict in {"yes", "no", "none"}
        assert bool(start) == (verdict != "none")
        if start:
            assert len(text[int(start) : int(end)].split()) >= 3


@pytest.mark.parametrize(("name", "fields"), [("written.tsv", 4), ("polar.tsv", 5)])
def test_no_question_is_asked_twice_of_a_passage(name: str, fields: int) -> None:
    rows = [(place, question.casefold()) for place, question, *_ in _fields(name, fields)]
    assert len(rows) == len(set(rows))
