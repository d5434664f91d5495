"""How sure a figure is: bootstrap intervals, the risk-coverage curve, tests between two runs.

In: arrays with one row a question. Out: values with 95 % intervals, p-values.
Refuses to know: what the numbers mean. Everything random is drawn from the seed.

Intervals are percentile bootstrap over questions (Efron 1979; Sakai 2006 for retrieval). Where all
questions score alike the interval has no width: the bootstrap cannot see what was never sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 1_000
PERMUTATIONS = 10_000
_LEVEL = (2.5, 97.5)
_CELLS = 4_000_000  # numbers held at once while resampling: 32 MB


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval, and over how many questions it was taken."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, float | int]:
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "n": self.n,
        }


def ratios(columns: Mapping[str, tuple[Floats, Floats]], seed: int) -> dict[str, Figure]:
    """For each (parts, wholes): sum of parts over sum of wholes, over the questions.

    A mean is a ratio whose wholes are 1 for the questions that count. Names whose wholes sum to
    zero are left out. All columns see the same resamples.
    """
    kept = {name: pair for name, pair in columns.items() if pair[1].sum() > 0}
    if not kept:
        return {}
    parts = np.stack([pair[0] for pair in kept.values()], axis=1)
    wholes = np.stack([pair[1] for pair in kept.values()], axis=1)
    totals = [(counts @ parts, counts @ wholes) for counts in _multiplicities(len(parts), seed)]
    above = np.concatenate([part for part, _ in totals])
    below = np.concatenate([whole for _, whole in totals])
    sampled = np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
    values = parts.sum(0) / wholes.sum(0)
    bounds = np.nanpercentile(sampled, _LEVEL, axis=0)
    counts = np.count_nonzero(wholes, axis=0)
    return {
        name: Figure(float(values[at]), float(bounds[0, at]), float(bounds[1, at]), int(counts[at]))
        for at, name in enumerate(kept)
    }


def quantiles(values: Floats, wanted: Mapping[str, float], seed: int) -> dict[str, Figure]:
    """Quantiles (0 to 1) of `values` by name, with intervals; {} where there are no values."""
    if not len(values):
        return {}
    points = list(wanted.values())
    sampled = np.concatenate(
        [np.quantile(values[drawn], points, axis=1).T for drawn in _draws(len(values), seed)]
    )
    exact = np.quantile(values, points)
    bounds = np.percentile(sampled, _LEVEL, axis=0)
    return {
        name: Figure(float(exact[at]), float(bounds[0, at]), float(bounds[1, at]), len(values))
        for at, name in enumerate(wanted)
    }


def risk_curve(confidence: Floats, wrong: Floats) -> Floats:
    """The error rate among the k most confident questions, for k = 1 … n.

    Questions of equal confidence are taken in random order: the curve is what is expected then.
    (El-Yaniv and Wiener 2010.)
    """
    order = np.argsort(-confidence, kind="stable")
    _, group = np.unique(-confidence[order], return_inverse=True)
    means = np.bincount(group, wrong[order]) / np.bincount(group)
    risks: Floats = np.cumsum(means[group]) / np.arange(1, len(order) + 1)
    return risks


def risk_area(confidence: Floats, wrong: Floats, seed: int) -> Figure | None:
    """The area under the risk-coverage curve, its mean over k (Geifman et al. 2019); lower is
    better. None where there are no questions.
    """
    n = len(confidence)
    if n == 0:
        return None
    shuffled = np.random.default_rng(seed).permutation(n)
    order = shuffled[np.argsort(-confidence[shuffled], kind="stable")]
    in_order = wrong[order]
    steps = np.arange(1, n + 1)
    areas = np.concatenate(
        [
            (np.cumsum(in_order[np.sort(drawn, axis=1)], axis=1) / steps).mean(1)
            for drawn in _draws(n, seed)
        ]
    )
    low, high = np.percentile(areas, _LEVEL)
    return Figure(float(risk_curve(confidence, wrong).mean()), float(low), float(high), n)


@dataclass(frozen=True, slots=True)
class Difference:
    """Run B minus run A over the questions of both: bootstrap interval, randomisation p-value."""

    a: float
    b: float
    low: float
    high: float
    p: float
    n: int

    def to_json(self) -> dict[str, float | int]:
        return {
            "a": round(self.a, 4),
            "b": round(self.b, 4),
            "difference": round(self.b - self.a, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "p": round(self.p, 4),
            "n": self.n,
        }


def paired_difference(a: Sequence[float], b: Sequence[float], seed: int) -> Difference:
    """Compare two runs' scores of the same questions, in the same order; at least one.

    The p-value is two-sided: how often flipping the sign of each question's difference at random
    gives a mean at least as far from zero (Smucker, Allan and Carterette 2007), (k + 1) / (N + 1).
    """
    before, after = np.asarray(a, float), np.asarray(b, float)
    delta = after - before
    means = np.concatenate([delta[drawn].mean(1) for drawn in _draws(len(delta), seed)])
    low, high = np.percentile(means, _LEVEL)
    rng = np.random.default_rng(seed)
    observed = abs(float(delta.sum())) - 1e-9
    extreme = 0
    for rows in _row_counts(PERMUTATIONS, len(delta)):
        signs = rng.integers(0, 2, (rows, len(delta)), dtype=np.int8) * 2 - 1
        extreme += int(np.count_nonzero(np.abs(signs @ delta) >= observed))
    return Difference(
        a=float(before.mean()),
        b=float(after.mean()),
        low=float(low),
        high=float(high),
        p=(extreme + 1) / (PERMUTATIONS + 1),
        n=len(delta),
    )


def _draws(n: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Resamples with replacement, as rows of indices, a bounded number of rows at a time."""
    rng = np.random.default_rng(seed)
    for rows in _row_counts(RESAMPLES, n):
        yield rng.integers(0, n, (rows, n))


def _multiplicities(n: int, seed: int) -> Iterator[Floats]:
    """The same resamples as how often each question was drawn."""
    for drawn in _draws(n, seed):
        rows = len(drawn)
        flat = drawn + np.arange(rows)[:, None] * n
        yield np.bincount(flat.ravel(), minlength=rows * n).reshape(rows, n).astype(float)


def _row_counts(rows: int, width: int) -> Iterator[int]:
    at_once = max(1, _CELLS // max(1, width))
    for first in range(0, rows, at_once):
        yield min(at_once, rows - first)


def as_floats(values: Sequence[Any]) -> Floats:
    """The values as an array of numbers; False is 0, True is 1."""
    return np.asarray([float(value) for value in values])
