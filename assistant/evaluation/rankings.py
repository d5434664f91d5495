"""Retrieval measures of one question's rankings, computed by ir-measures.

In: for each ranking, which gold quotes each rank covers. Out: measures by name, in [0, 1].
Refuses to know: passages, articles, archives.

What is judged are gold quotes. The first rank that covers a quote finds it; a later rank that
covers only quotes found before counts as not relevant. A rank that covers several new quotes is
one relevant item for hit, MRR, MAP and nDCG; recall is the share of the gold quotes covered, which
equals ir-measures' R@k wherever no rank covers two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from assistant.errors import NewsAssistantError

HIT_DEPTHS = (1, 3, 5, 10, 20)
RECALL_DEPTHS = (5, 10, 20)
_DEPTH = max(HIT_DEPTHS)

Ranking = Sequence[Set[int]]


def measure_rankings(rankings: Mapping[str, Ranking], quotes: int) -> dict[str, dict[str, float]]:
    """For each named ranking of one question: hit@k, recall@k, mrr@10, map@10 and ndcg@10.

    `rankings[name][i]` holds the indices of the gold quotes that rank i + 1 covers; `quotes` is
    how many there are and at least 1. Raises NewsAssistantError where ir-measures is missing.
    """
    library, measures = _library()
    qrels = {}
    runs = {}
    for name, ranking in rankings.items():
        qrels[name], runs[name] = _judge(ranking[:_DEPTH], ranking, quotes)
    figures: dict[str, dict[str, float]] = {name: {} for name in rankings}
    for result in library.iter_calc(list(measures), qrels, runs):
        figures[result.query_id][measures[result.measure]] = float(result.value)
    for name, ranking in rankings.items():
        for depth in RECALL_DEPTHS:
            found = frozenset[int]().union(*ranking[:depth])
            figures[name][f"recall@{depth}"] = len(found) / quotes
    return figures


def first_rank(ranking: Ranking) -> int | None:
    """The first rank that covers anything, from 1; None where none does."""
    return next((rank for rank, covered in enumerate(ranking, 1) if covered), None)


def _judge(
    shown: Ranking, ranking: Ranking, quotes: int
) -> tuple[dict[str, int], dict[str, float]]:
    """Qrels and run for the library: one document a rank, and one for each quote not found."""
    found: set[int] = set()
    relevant: dict[str, int] = {}
    for rank, covered in enumerate(ranking, 1):
        if covered - found:
            relevant[f"rank-{rank}"] = 1
            found |= covered
    missing = {f"missing-{quote}": 1 for quote in range(quotes) if quote not in found}
    run = {f"rank-{rank}": float(-rank) for rank in range(1, len(shown) + 1)}
    return relevant | missing, run or {"nothing": 0.0}


def _library() -> tuple[Any, dict[Any, str]]:
    try:
        import ir_measures
    except ModuleNotFoundError as error:
        raise NewsAssistantError(
            "Evaluation needs ir-measures: pip install 'news-assistant[evaluation]'."
        ) from error
    measures = {ir_measures.Success @ depth: f"hit@{depth}" for depth in HIT_DEPTHS}
    measures |= {
        ir_measures.RR @ 10: "mrr@10",
        ir_measures.AP @ 10: "map@10",
        ir_measures.nDCG @ 10: "ndcg@10",
    }
    return ir_measures, measures
