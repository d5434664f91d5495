"""Fit the reader's answerability to a question set and write it into reader.json.

Run: python -m training.reader_calibrate --questions QUESTIONS.jsonl --archive DIR

A logistic model of the reader's features (assistant.answering.reader.answerability_features) is
fitted on the questions whose id has an even number; the threshold is the one with the best F1 of
abstaining on that half, unless one is given. The other half is only reported.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.answering.assistant import Assistant
from assistant.answering.reader import answerability_features
from assistant.evaluation.questions import read_questions
from assistant.retrieval.query import understand
from assistant.settings import Settings
from training.reader_export import MODELS

FEATURES = ("span", "relevance", "both", "margin")
_RIDGE, _STEPS, _RATE = 0.02, 4_000, 0.1

Numbers = npt.NDArray[np.float64]


def fit(features: Numbers, answerable: Numbers) -> tuple[float, Numbers]:
    """Bias and weights of a ridge logistic model, by gradient descent on scaled features."""
    middle, spread = features.mean(0), features.std(0)
    scaled = (features - middle) / spread
    weights, bias = np.zeros(scaled.shape[1]), 0.0
    for _ in range(_STEPS):
        error = 1 / (1 + np.exp(-(scaled @ weights + bias))) - answerable
        weights -= _RATE * (scaled.T @ error / len(error) + _RIDGE * weights)
        bias -= _RATE * error.mean()
    return float(bias - (weights * middle / spread).sum()), weights / spread


def abstention(probability: Numbers, answerable: Numbers, threshold: float) -> dict[str, float]:
    """Precision, recall and F1 of abstaining below the threshold."""
    abstained, right = probability < threshold, answerable == 0
    caught = float((abstained & right).sum())
    precision = caught / max(1, int(abstained.sum()))
    recall = caught / max(1, int(right.sum()))
    f1 = 2 * caught / max(1, int(abstained.sum() + right.sum()))
    return {"precision": precision, "recall": recall, "f1": f1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--threshold", type=float, help="instead of the one with the best F1")
    chosen = parser.parse_args()
    rows, labels, halves = [], [], []
    with Assistant.open(Settings(archive=chosen.archive, read_budget_s=60)) as assistant:
        for question in read_questions(chosen.questions):
            query = understand(
                question.question,
                assistant.archive,
                history=question.history,
                as_of=question.asked_on,
            )
            readings = assistant.retriever.search_and_read(query).readings
            if readings:
                found = answerability_features(readings)
                rows.append([found[name] for name in FEATURES])
                labels.append(float(bool(question.answers)))
                halves.append(int(re.sub(r"\D", "", question.id) or 0) % 2 == 0)
    features, answerable, even = np.array(rows), np.array(labels), np.array(halves)
    bias, weights = fit(features[even], answerable[even])
    probability = 1 / (1 + np.exp(-(features @ weights + bias)))
    candidates = np.unique(probability[even])
    scores = [abstention(probability[even], answerable[even], t)["f1"] for t in candidates]
    best = float(candidates[int(np.argmax(scores))])
    threshold = chosen.threshold if chosen.threshold is not None else best
    path = MODELS / "reader.json"
    config: dict[str, Any] = json.loads(path.read_text())
    config["answerability"] = {
        "threshold": round(threshold, 4),
        "bias": round(bias, 5),
        "weights": dict(zip(FEATURES, (round(float(w), 5) for w in weights), strict=True)),
        "fitted_half": abstention(probability[even], answerable[even], threshold),
        "other_half": abstention(probability[~even], answerable[~even], threshold),
    }
    path.write_text(json.dumps(config, indent=2) + "\n")
    print(json.dumps(config["answerability"], indent=2))


if __name__ == "__main__":
    main()
