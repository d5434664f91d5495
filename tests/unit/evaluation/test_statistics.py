"""Intervals and tests against values known in advance."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from assistant.evaluation.statistics import (
    paired_difference,
    quantiles,
    ratios,
    risk_area,
    risk_curve,
)


def test_a_mean_and_its_interval_agree_with_the_normal_approximation() -> None:
    values = np.random.default_rng(1).normal(5, 2, 400)
    figure = ratios({"x": (values, np.ones(400))}, 0)["x"]
    error = 1.96 * values.std() / 20
    assert figure.value == pytest.approx(values.mean())
    assert figure.low == pytest.approx(values.mean() - error, abs=0.05)
    assert figure.high == pytest.approx(values.mean() + error, abs=0.05)


def test_an_interval_agrees_with_scipys_bootstrap() -> None:
    rng = np.random.default_rng(2)
    wholes = rng.integers(1, 5, 200).astype(float)
    parts = rng.binomial(wholes.astype(int), 0.3).astype(float)
    ours = ratios({"x": (parts, wholes)}, 0)["x"]
    theirs = scipy.stats.bootstrap(
        (parts, wholes),
        lambda a, b, axis: a.sum(axis) / b.sum(axis),
        paired=True,
        method="percentile",
        rng=0,
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_a_ratio_without_a_whole_is_left_out() -> None:
    assert ratios({"x": (np.zeros(3), np.zeros(3))}, 0) == {}
    assert quantiles(np.zeros(0), {"median": 0.5}, 0) == {}
    assert risk_area(np.zeros(0), np.zeros(0), 0) is None


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(50.0)
    assert ratios({"x": (values, np.ones(50))}, 7) == ratios({"x": (values, np.ones(50))}, 7)
    median = quantiles(values, {"median": 0.5}, 0)["median"]
    assert median.low <= median.value == 24.5 <= median.high


def test_risk_curve_by_hand_and_with_ties() -> None:
    curve = risk_curve(np.array([0.9, 0.5, 0.7]), np.array([0.0, 1.0, 1.0]))
    assert curve == pytest.approx([0, 1 / 2, 2 / 3])
    tied = risk_curve(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    assert tied == pytest.approx([1 / 2, 1 / 2])
    area = risk_area(np.array([0.9, 0.5, 0.7]), np.array([0.0, 1.0, 1.0]), 0)
    assert area is not None
    assert area.value == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    assert area.low <= area.value <= area.high


def test_the_randomisation_test_is_the_exact_sign_test_on_ones() -> None:
    # Five questions fixed, none broken: 2 of the 32 sign patterns are as extreme.
    result = paired_difference([0.0] * 5 + [1.0] * 5, [1.0] * 10, 0)
    assert (result.a, result.b) == (0.5, 1.0)
    assert result.p == pytest.approx(2 / 32, abs=0.01)
    assert 0 < result.low < 0.5 < result.high


def test_no_difference_is_not_significant() -> None:
    result = paired_difference([0.3, 0.7], [0.3, 0.7], 0)
    assert result.p == 1
    assert (result.low, result.high) == (0, 0)
