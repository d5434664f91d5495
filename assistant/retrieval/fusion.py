"""Fuse the dense and the lexical ranking into one.

In: scores by passage key. Out: fused scores by passage key.
Refuses to know: passages, indexes, questions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

# Weight of the cosine beside a BM25 score that is scaled to the best hit's. Chosen on newsdesk-dev
# over reciprocal rank fusion, which loses to BM25 alone there (docs/decisions.md).
DENSE_WEIGHT = 0.5
# News asks about the present: a bonus that halves every twenty days before the day of asking.
# Chosen on a quarter of realtimeqa-2025 and on newsdesk-dev together (docs/decisions.md).
RECENCY_WEIGHT = 0.4
_HALF_LIFE_DAYS = 20.0


def fuse(
    lexical: Mapping[int, float],
    cosines: Mapping[int, float],
    ages_days: Mapping[int, float | None],
    *,
    dense_weight: float = DENSE_WEIGHT,
    recency_weight: float = RECENCY_WEIGHT,
) -> dict[int, float]:
    """Fused score of every passage in `cosines`, higher is better.

    `lexical` holds BM25 scores; a passage without one gets the lowest that was found, since its
    true score is at most that. `ages_days` counts back from the day of asking, None where unknown.
    """
    top = max(lexical.values(), default=0.0)
    floor = min(lexical.values(), default=0.0)
    fused = {}
    for key, cosine in cosines.items():
        words = lexical.get(key, floor) / top if top > 0 else 0.0
        age = ages_days.get(key)
        recent = 0.0 if age is None or age < 0 else math.exp2(-age / _HALF_LIFE_DAYS)
        fused[key] = words + dense_weight * cosine + recency_weight * recent
    return fused
