"""Retrieval measures against hand-worked values and against ir-measures on plain qrels."""

from __future__ import annotations

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.rankings import first_rank, measure_rankings

NONE = frozenset[int]()


def test_by_hand() -> None:
    ranking = [NONE, frozenset({0}), NONE, frozenset({1})]
    figures = measure_rankings({"x": ranking}, 2)["x"]
    assert figures["hit@1"] == 0
    assert figures["hit@3"] == 1
    assert figures["mrr@10"] == pytest.approx(1 / 2)
    assert figures["map@10"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert figures["recall@5"] == 1
    assert first_rank(ranking) == 2


def test_quotes_never_found_count_against_recall_and_map() -> None:
    figures = measure_rankings({"x": [frozenset({2})]}, 4)["x"]
    assert figures["recall@10"] == pytest.approx(1 / 4)
    assert figures["map@10"] == pytest.approx(1 / 4)


def test_finding_the_same_quote_again_earns_nothing() -> None:
    once = measure_rankings({"x": [frozenset({0}), NONE]}, 1)["x"]
    twice = measure_rankings({"x": [frozenset({0}), frozenset({0})]}, 1)["x"]
    assert once == twice


def test_an_empty_ranking_scores_zero() -> None:
    assert set(measure_rankings({"x": []}, 1)["x"].values()) == {0.0}


@given(st.permutations(range(12)), st.integers(1, 6))
def test_equal_to_the_library_where_each_rank_is_one_document(order: list[int], gold: int) -> None:
    ranking = [frozenset({one}) if one < gold else NONE for one in order]
    ours = measure_rankings({"x": ranking}, gold)["x"]
    qrels = {"q": {str(one): 1 for one in range(gold)}}
    run = {"q": {str(one): float(-rank) for rank, one in enumerate(order)}}
    wanted = {
        "hit@5": ir_measures.Success @ 5,
        "recall@10": ir_measures.R @ 10,
        "mrr@10": ir_measures.RR @ 10,
        "map@10": ir_measures.AP @ 10,
        "ndcg@10": ir_measures.nDCG @ 10,
    }
    theirs = ir_measures.calc_aggregate(list(wanted.values()), qrels, run)
    for name, measure in wanted.items():
        assert ours[name] == pytest.approx(theirs[measure])
