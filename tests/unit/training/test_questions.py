"""The training questions that the project wrote or judged are well-formed and fit their texts."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from training.dev_questions import SETS, question_set

ROOT = Path(__file__).parents[3]
QUESTIONS = ROOT / "training" / "questions"
QUIZ = ROOT.parent / "shared" / "data" / "reader" / "realtimeqa-2022-2024.jsonl.gz"


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    if not QUIZ.exists():
        pytest.skip("the training data is not beside this checkout")
    with gzip.open(QUIZ, "rt", encoding="utf-8") as lines:
        return {record["id"]: record for record in map(json.loads, lines)}


def _rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (QUESTIONS / name).read_text("utf-8").splitlines()]


def _fields(name: str, count: int) -> list[list[str]]:
    rows = _rows(name)
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


@pytest.mark.parametrize("name", ["written.tsv", "conversations.tsv"])
def test_answers_of_written_questions_stand_where_they_are_said_to(
    name: str, records: dict[str, dict[str, Any]]
) -> None:
    for place, question, start, end, *_ in _rows(name):
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


def test_follow_ups_have_whole_turns_before_them() -> None:
    for _, _, _, _, *said in _rows("conversations.tsv"):
        assert said
        assert len(said) % 2 == 0
        assert all(words.strip() for words in said)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    articles = ROOT.parent / "shared" / "data" / "reader" / "newsdesk-train" / "articles.jsonl.gz"
    if not articles.exists():
        pytest.skip("the training data is not beside this checkout")
    with gzip.open(articles, "rt", encoding="utf-8") as lines:
        return {article["url"]: article["text"] for article in map(json.loads, lines)}


def test_questions_about_whole_articles_are_made_whole_from_their_places(
    texts: dict[str, str],
) -> None:
    for name in (*SETS, "desk"):
        for record in question_set(name, texts):
            assert all(turn["question"] and turn["answer"] for turn in record["history"])
            for answer, evidence in zip(record["answers"], record["evidence"], strict=True):
                assert answer in evidence["quote"]
                assert evidence["quote"] in texts[evidence["url"]]


def test_desk_answers_begin_and_end_at_word_borders(texts: dict[str, str]) -> None:
    for url, _, _, start, end, *_ in _rows("desk.tsv"):
        for at in (int(start), int(end)) if start else ():
            assert not re.fullmatch(r"\w\w", texts[url][at - 1 : at + 1])


def test_no_article_is_both_trained_on_and_measured_with() -> None:
    """Of the questions written for training and measuring here; see dev_questions for the rest."""
    measured = {url for name in SETS for url, *_ in _rows(f"{name}.tsv")}
    assert not measured & {url for url, *_ in _rows("desk.tsv")}


@pytest.mark.parametrize(("name", "fields"), [("written.tsv", 4), ("polar.tsv", 5)])
def test_no_question_is_asked_twice_of_a_passage(name: str, fields: int) -> None:
    rows = [(place, question.casefold()) for place, question, *_ in _fields(name, fields)]
    assert len(rows) == len(set(rows))


def test_no_question_is_asked_twice_of_an_article() -> None:
    rows = [
        (url, question.casefold(), *said) for url, _, question, _, _, *said in _rows("desk.tsv")
    ]
    assert len(rows) == len(set(rows))
