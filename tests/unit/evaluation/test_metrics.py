"""Measures against hand-worked values."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from assistant.evaluation.metrics import (
    Scores,
    risk_coverage,
    score,
    score_failure,
    summarise,
)
from assistant.evaluation.questions import Evidence, Question
from assistant.evaluation.rankings import measure_rankings
from assistant.types import Answer, AppliedFilters, Citation, Copy, Passage, StageScore
from tests.conftest import article

SOURCE = article(1)
QUESTION = Question(
    "q", "factoid", "How much?", ("1 million crowns",), (Evidence(SOURCE.url, "plan would cost"),),
    date(2024, 5, 15),
)  # fmt: skip


def answer(**fields: object) -> Answer:
    start = SOURCE.text.index("Mayor")
    end = SOURCE.text.index("crowns.") + 7
    citation = Citation(1, SOURCE.text[start:end], start, end, SOURCE)
    other = article(2)
    passages = (
        Passage("a", other.id, other.url, other.title, other.text, 0, 50),
        Passage("b", SOURCE.id, SOURCE.url, SOURCE.title, SOURCE.text, 0, len(SOURCE.text)),
    )
    given: dict[str, object] = {
        "question": "How much?", "standalone_question": "How much?", "answer": "1 million crowns",
        "text": "", "citations": (citation,), "passages": passages, "filters": AppliedFilters(),
        "abstained": False, "confidence": 0.9, "timings_ms": {"total": 12.0},
    }  # fmt: skip
    return Answer(**(given | fields))  # type: ignore[arg-type]


def test_scores_of_one_answer() -> None:
    scored = score(QUESTION, answer(), {SOURCE.url: SOURCE}.get)
    assert (scored.gold_rank, scored.article_rank, scored.string_rank) == (2, 2, 2)
    assert (scored.exact, scored.f1, scored.contains) == (1.0, 1.0, 1.0)
    assert (scored.citations, scored.verbatim, scored.cited_right, scored.gold_cited) == (
        1,
        1,
        1,
        1,
    )


def test_an_abstention_scores_no_words() -> None:
    scored = score(QUESTION, answer(abstained=True, citations=()), {SOURCE.url: SOURCE}.get)
    assert (scored.exact, scored.contains, scored.citations) == (0.0, 0.0, 0)


def made(name: str, **fields: object) -> Scores:
    given: dict[str, object] = {
        "id": name, "kind": "factoid", "answerable": True, "has_gold": True, "gold_rank": 1,
        "article_rank": 1, "string_rank": 1, "exact": 1.0, "f1": 1.0, "contains": 1.0,
        "abstained": False, "confidence": 0.9, "citations": 1, "verbatim": 1, "cited_right": 1,
        "gold_quotes": 1, "gold_cited": 1, "total_ms": 10.0,
    } | fields  # fmt: skip
    if given["has_gold"]:
        rank = given["gold_rank"]
        ranking = [{0} if at == rank else set[int]() for at in range(1, 11)]
        given["retrieval"] = measure_rankings({"": ranking}, 1)[""]
    return Scores(**given)  # type: ignore[arg-type]


SET = [
    made("1"),
    made("2", gold_rank=4, exact=0.0, f1=0.5, contains=0.0, cited_right=0, confidence=0.7),
    made("3", gold_rank=None, exact=0.0, f1=0.0, contains=0.0, abstained=True, citations=0,
         verbatim=0, cited_right=0, gold_cited=0, confidence=0.1),
    made("4", kind="unanswerable", answerable=False, has_gold=False, gold_rank=None, exact=0.0,
         f1=0.0, contains=0.0, abstained=True, citations=0, verbatim=0, cited_right=0,
         gold_quotes=0, gold_cited=0, confidence=0.2),
    made("5", kind="unanswerable", answerable=False, has_gold=False, gold_rank=None, exact=0.0,
         f1=0.0, contains=0.0, confidence=0.6, cited_right=0, gold_quotes=0, gold_cited=0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hit@1", 1 / 3),
        ("hit@5", 2 / 3),
        ("mrr@10", (1 + 1 / 4) / 3),
        ("recall@5", 2 / 3),
        ("map@10", (1 + 1 / 4) / 3),
        ("ndcg@10", (1 + 1 / math.log2(5)) / 3),
        ("accuracy", 3 / 5),
        ("exact_match", 1 / 3),
        ("f1", 1.5 / 3),
        ("abstention_precision", 1 / 2),
        ("abstention_recall", 1 / 2),
        ("abstention_f1", 1 / 2),
        ("crag", (1 + 1 + 0 + 1 - 1) / 5),
        ("citation_precision", 1 / 2),
        ("citation_verbatim", 1.0),
    ],
)
def test_hand_worked_figures(name: str, value: float) -> None:
    figure = summarise(SET)["overall"][name]
    assert figure["value"] == pytest.approx(value, abs=1e-4)
    assert figure["low"] <= figure["value"] <= figure["high"]


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert summarise(SET, seed=3) == summarise(SET, seed=3)


def test_risk_coverage() -> None:
    curve = risk_coverage(SET)
    # most confident first: right, right (F1 of a half), wrong, wrong, wrong
    assert curve["area"]["value"] == pytest.approx((0 + 0 + 1 / 3 + 2 / 4 + 3 / 5) / 5, abs=1e-4)
    assert curve["points"][-1] == {"coverage": 1.0, "risk": 0.6}


def test_an_empty_set_has_no_figures() -> None:
    assert summarise([])["overall"] == {}


def test_a_gold_quote_that_the_archive_lacks_counts_as_not_found() -> None:
    scored = score(QUESTION, answer(), lambda _: None)
    assert (scored.has_gold, scored.gold_rank, scored.gold_missing) == (True, None, 1)
    assert summarise([scored])["overall"]["hit@10"]["value"] == 0
    assert summarise([scored])["gold_quotes_not_in_archive"] == 1


def test_a_copy_of_the_gold_article_that_was_folded_in_counts() -> None:
    copy = Copy(SOURCE.id, SOURCE.url, SOURCE.title, None, None)
    wire = replace(SOURCE, url="https://example.org/wire")
    passage = Passage(
        "w", wire.id, wire.url, wire.title, wire.text, 0, len(wire.text), copies=(copy,)
    )
    scored = score(QUESTION, answer(passages=(passage,)), {SOURCE.url: SOURCE}.get)
    assert (scored.gold_rank, scored.article_rank) == (1, 1)


def test_stages_are_scored_by_their_own_rank() -> None:
    passages = answer().passages
    staged = (
        replace(passages[0], stages={"dense": StageScore(0.9, 1), "reader": StageScore(2.0, 1)}),
        replace(passages[1], stages={"dense": StageScore(0.5, 4), "reader": StageScore(1.0, 2)}),
    )
    scored = score(QUESTION, answer(passages=staged), {SOURCE.url: SOURCE}.get)
    assert scored.retrieval["dense.mrr@10"] == pytest.approx(1 / 4)
    assert scored.retrieval["reader.mrr@10"] == pytest.approx(1 / 2)
    assert scored.retrieval["mrr@10"] == pytest.approx(1 / 2)


def test_stages_are_judged_by_all_that_was_found_not_by_what_was_kept() -> None:
    kept, lost = answer().passages
    found = (
        replace(kept, stages={"lexical": StageScore(3.0, 2), "reader": StageScore(2.0, 1)}),
        replace(lost, stages={"lexical": StageScore(9.0, 1)}),
    )
    scored = score(QUESTION, answer(passages=found[:1], candidates=found), {SOURCE.url: SOURCE}.get)
    alone = score(QUESTION, answer(passages=found[:1]), {SOURCE.url: SOURCE}.get)
    assert scored.retrieval["lexical.hit@1"] == 1
    assert alone.retrieval["lexical.hit@1"] == 0
    assert scored.stage_string_ranks.keys() == {"lexical", "reader"}


def test_a_question_that_failed_is_neither_right_nor_abstained() -> None:
    failed = score_failure(replace(QUESTION, answers=()))
    assert (failed.right, failed.abstained, failed.crag, failed.error) == (False, False, 0, True)


def test_sets_that_judge_documents_only_have_no_answer_figures() -> None:
    question = replace(QUESTION, answers=(), evidence=(Evidence(SOURCE.url),))
    figures = summarise([score(question, answer(), {SOURCE.url: SOURCE}.get)])["overall"]
    assert figures["hit@5"]["value"] == 1
    assert not {"accuracy", "crag", "f1", "abstention_recall"} & figures.keys()


def test_a_quote_that_is_not_in_the_article_is_not_verbatim() -> None:
    good = answer().citations[0]
    made_up = replace(good, number=2, quote="The mayor said no.")
    scored = score(QUESTION, answer(citations=(good, made_up)), {SOURCE.id: SOURCE}.get)
    assert (scored.citations, scored.verbatim) == (2, 1)
