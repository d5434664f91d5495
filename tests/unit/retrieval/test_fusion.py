"""Fused scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.fusion import fuse

SCORES = st.dictionaries(st.integers(0, 30), st.floats(0.1, 50))


def test_hand_worked() -> None:
    fused = fuse(
        {1: 10.0, 2: 5.0}, {1: 0.2, 2: 0.8, 3: 0.4}, {1: None, 2: 0.0}, dense_weight=0.5,
        recency_weight=0.1,
    )  # fmt: skip
    assert fused == pytest.approx({1: 1.0 + 0.1, 2: 0.5 + 0.4 + 0.1, 3: 0.5 + 0.2})


def test_without_lexical_hits_the_cosine_decides() -> None:
    fused = fuse({}, {1: 0.2, 2: 0.8}, {})
    assert fused[2] > fused[1]


@given(SCORES, st.dictionaries(st.integers(0, 30), st.floats(-1, 1), min_size=1))
def test_every_candidate_is_scored_and_better_words_never_hurt(
    lexical: dict[int, float], cosines: dict[int, float]
) -> None:
    fused = fuse(lexical, cosines, {})
    assert set(fused) == set(cosines)
    key = next(iter(cosines))
    if key in lexical and len(lexical) > 1:
        best = max(lexical.values())
        raised = fuse(lexical | {key: best}, cosines, {})
        assert raised[key] >= fused[key] - 1e-9
