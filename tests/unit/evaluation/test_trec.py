"""Run files: written so that trec_eval's readers take them, read from whoever wrote them."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest

from assistant.errors import SourceError
from assistant.evaluation.questions import Evidence, Question
from assistant.evaluation.trec import read_run, run_lines, score_run
from assistant.types import Passage
from tests.conftest import article

GOLD = article(1)
OTHER = article(2)
ARTICLES = {one.url: one for one in (GOLD, OTHER)} | {one.id: one for one in (GOLD, OTHER)}
QUESTION = Question(
    "q 1", "factoid", "How much?", ("1 million",), (Evidence(GOLD.url, "1 million crowns"),)
)


def passage(start: int, end: int) -> Passage:
    return Passage("p", GOLD.id, GOLD.url, GOLD.title, GOLD.text[start:end], start, end)


def test_what_we_write_ir_measures_reads_in_our_order(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    path.write_text("".join(run_lines("q 1", [passage(50, 90), passage(0, 50)])), "utf-8")
    rows = list(ir_measures.read_trec_run(str(path)))
    assert [row.doc_id for row in rows] == [f"{GOLD.id}:50-90", f"{GOLD.id}:0-50"]
    assert rows[0].score > rows[1].score
    assert read_run(path) == {"q_1": [f"{GOLD.id}:50-90", f"{GOLD.id}:0-50"]}


def test_another_systems_run_is_scored_by_spans(tmp_path: Path) -> None:
    at = GOLD.text.index("1 million")
    path = tmp_path / "run.trec"
    path.write_text(
        f"q_1 Q0 {OTHER.id}:0-20 1 0.9 x\nq_1 Q0 {GOLD.id}:{at}-{at + 30} 2 0.8 x\n", "utf-8"
    )
    figures = score_run(path, [QUESTION], ARTICLES.get)["overall"]
    assert figures["mrr@10"]["value"] == 0.5
    assert figures["answer_string@5"]["value"] == 1
    assert "accuracy" not in figures


def test_a_run_of_whole_articles_has_article_figures(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    path.write_text(f"q_1 Q0 {GOLD.url} 1 3 x\n", "utf-8")
    figures = score_run(path, [QUESTION], ARTICLES.get)["overall"]
    assert (figures["article_hit@1"]["value"], figures["hit@10"]["value"]) == (1, 0)


def test_wrong_runs_are_named(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    path.write_text(f"q_1 Q0 {GOLD.id} 1 3 x\nq_1 Q0 nothing\n", "utf-8")
    with pytest.raises(SourceError, match=r"run\.trec:2"):
        read_run(path)
    path.write_text("other Q0 d 1 3 x\n", "utf-8")
    with pytest.raises(SourceError, match="no topic"):
        score_run(path, [QUESTION], ARTICLES.get)
