"""Measure a reader by itself: BM25's passages of a question set in, ranking and answers out.

Run: python -m training.reader_evaluate --set ../shared/data/newsdesk-dev

In: a folder with `articles.jsonl.gz` and `questions.jsonl`, a folder with reader.onnx and
reader.json. Out: figures as JSON, for all questions and for both halves. Refuses to know: the
archive, fusion, filters; what the whole product scores is `news-assistant evaluate`'s to say.

Every question gets its BM25 top passages. What is fitted (the weight of BM25 in the mixed order,
the logistic model of answerability and its threshold) is fitted on the questions with an even
number; the odd half is only reported. With `--against`, a second model reads the same passages in
the same run, question by question in turn; the drift and the ratio of times are reported.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

from assistant.answering.extractive import ranked_answers, tidy
from assistant.answering.reader import OnnxReader, answerability_features
from assistant.archive.chunking import split_passages
from assistant.evaluation.wording import exact_match, find_quote, overlap, token_f1
from assistant.retrieval.conversation import resolve
from assistant.types import Passage, Reading, Turn, article_id
from training.reader_calibrate import FEATURES, abstention, fit
from training.reader_data import CHUNK_TOKENS
from training.reader_export import MODELS

Numbers = npt.NDArray[np.float64]

SPAN_KINDS = ("factoid", "attribution")
MIX_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
_UNHURRIED_S = 3600.0


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its candidates in BM25's order, their scores (best 1.0), which are gold."""

    record: dict[str, Any]
    asked: str
    context: str
    passages: list[Passage]
    lexical: list[float]
    gold: list[bool]

    @property
    def answerable(self) -> bool:
        return bool(self.record["answers"])

    @property
    def even(self) -> bool:
        """Whether its number is even: the half that thresholds and weights are fitted on."""
        return int(self.record["id"].rsplit("-", 1)[1]) % 2 == 0


def cases(folder: Path, depth: int) -> list[Case]:
    """All questions of the set with their `depth` best passages."""
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    texts = {article["url"]: article["text"] for article in articles}
    passages = [passage for article in articles for passage in _passages(article)]
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25()
    index.index(_terms([f"{p.title}\n{p.text}" for p in passages], stemmer), show_progress=False)
    questions = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
    searched = [_with_history(question) for question in questions]
    found, scores = index.retrieve(_terms(searched, stemmer), k=depth, show_progress=False)
    made = []
    for question, hits, strengths in zip(questions, found, scores, strict=True):
        places = [
            (evidence["url"], *place)
            for evidence in question["evidence"]
            for place in find_quote(texts.get(evidence["url"], ""), evidence["quote"])
        ]
        chosen = [passages[hit] for hit in hits]
        gold = [
            any(p.url == url and overlap((p.start, p.end), (a, b)) for url, a, b in places)
            for p in chosen
        ]
        best = float(strengths[0]) or 1.0
        lexical = [float(strength) / best for strength in strengths]
        turns = [Turn(turn["question"], turn["answer"]) for turn in question["history"]]
        resolved = resolve(question["question"], turns)
        made.append(Case(question, resolved.core, resolved.context, chosen, lexical, gold))
    return made


def read_all(
    readers: Sequence[OnnxReader], chosen: Sequence[Case]
) -> tuple[list[list[list[Reading]]], list[list[float]]]:
    """Readings and seconds, each [reader][case]; the readers take turns within each case."""
    readings: list[list[list[Reading]]] = [[] for _ in readers]
    seconds: list[list[float]] = [[] for _ in readers]
    for case in chosen:
        for at, reader in enumerate(readers):
            started = time.perf_counter()
            readings[at].append(reader.read(case.asked, case.passages, case.context))
            seconds[at].append(time.perf_counter() - started)
    return readings, seconds


def figures(chosen: Sequence[Case], readings: Sequence[list[Reading]]) -> dict[str, Any]:
    """Everything that is reported about one reader, for `all`, `even` (fitted) and `odd`."""
    relevances = [[reading.relevance for reading in some] for some in readings]
    even = np.array([case.even for case in chosen])
    answerable = np.array([float(case.answerable) for case in chosen])
    mixed = {w: mixed_ranks(chosen, relevances, w) for w in MIX_WEIGHTS}
    weight = max(MIX_WEIGHTS, key=lambda w: _mrr(mixed[w], even))
    orders = {
        "bm25": mixed_ranks(chosen, [[0.0] * len(case.passages) for case in chosen], 1.0),
        "reader": mixed[0.0],
        f"reader + {weight:g} bm25": mixed[weight],
    }
    features = np.array([[answerability_features(r)[name] for name in FEATURES] for r in readings])
    bias, weights = fit(features[even], answerable[even])
    probability = 1 / (1 + np.exp(-(features @ weights + bias)))
    threshold = best_threshold(probability[even], answerable[even])
    answers = [first_answer(some) for some in readings]
    halves = {"all": np.ones(len(chosen), bool), "even": even, "odd": ~even}
    report: dict[str, Any] = {
        "answerability": {
            "threshold": round(threshold, 4),
            "bias": round(bias, 5),
            "weights": dict(zip(FEATURES, (round(float(w), 5) for w in weights), strict=True)),
        }
    }
    for half, members in halves.items():
        spans = [
            (answers[i], case.record["answers"])
            for i, case in enumerate(chosen)
            if members[i] and case.record["kind"] in SPAN_KINDS
        ]
        report[half] = {
            "questions": int(members.sum()),
            "ranking": {name: ranking(ranks, members) for name, ranks in orders.items()},
            "exact_match": _percent(exact_match(said, right) for said, right in spans),
            "f1": _percent(token_f1(said, right) for said, right in spans),
            "abstention": {
                "auc": auc(probability[members], answerable[members]),
                **abstention(probability[members], answerable[members], threshold),
            },
        }
    return report


def mixed_ranks(
    chosen: Sequence[Case], relevances: Sequence[Sequence[float]], weight: float
) -> list[int | None]:
    """Rank of the first gold passage by relevance + weight * lexical; 0 where nothing is to find.

    None where no gold passage is among the candidates.
    """
    ranks: list[int | None] = []
    for case, relevance in zip(chosen, relevances, strict=True):
        if not case.answerable or not case.record["evidence"]:
            ranks.append(0)
            continue
        scores = np.array(relevance) + weight * np.array(case.lexical)
        order = np.argsort(-scores, kind="stable")
        ranks.append(next((at for at, i in enumerate(order, 1) if case.gold[int(i)]), None))
    return ranks


def ranking(ranks: Sequence[int | None], members: npt.NDArray[np.bool_]) -> dict[str, float]:
    """hit@1, 5, 10 in percent and MRR@10, over the answerable questions among `members`."""
    counted = [rank for rank, member in zip(ranks, members, strict=True) if member and rank != 0]
    hits = {f"hit@{k}": _percent(r is not None and r <= k for r in counted) for k in (1, 5, 10)}
    return hits | {"mrr@10": round(_mrr(ranks, members), 3), "n": float(len(counted))}


def first_answer(readings: Sequence[Reading]) -> str:
    """The aggregated best span, as the product words it; empty where there is none."""
    ranked = ranked_answers(readings)
    return tidy(ranked[0].text) if ranked else ""


def best_threshold(probability: Numbers, answerable: Numbers) -> float:
    """The threshold with the best F1 of abstaining."""
    tried = np.unique(probability)
    scores = [abstention(probability, answerable, float(t))["f1"] for t in tried]
    return float(tried[int(np.argmax(scores))])


def auc(probability: Numbers, answerable: Numbers) -> float:
    """How often an answerable question has the higher probability of the two; ties count half."""
    above = probability[answerable == 1][:, None] - probability[answerable == 0][None, :]
    return round(float((above > 0).mean() + (above == 0).mean() / 2), 3)


def drift(one: Sequence[list[Reading]], other: Sequence[list[Reading]]) -> dict[str, float]:
    """How much two models' readings of the same passages differ."""
    first = [np.array([reading.relevance for reading in some]) for some in one]
    second = [np.array([reading.relevance for reading in some]) for some in other]
    spans = [
        (a.start, a.end) == (b.start, b.end)
        for some, others in zip(one, other, strict=True)
        for a, b in zip(some, others, strict=True)
    ]
    pairs = list(zip(first, second, strict=True))
    return {
        "relevance_mean_difference": round(
            float(np.mean(np.abs(np.concatenate(first) - np.concatenate(second)))), 4
        ),
        "same_first_passage_percent": _percent(a.argmax() == b.argmax() for a, b in pairs),
        "same_span_percent": _percent(spans),
        "same_answer_percent": _percent(
            first_answer(a) == first_answer(b) for a, b in zip(one, other, strict=True)
        ),
    }


def _passages(article: dict[str, Any]) -> list[Passage]:
    stamp, text = article["published_at"], article["text"]
    published = datetime.fromisoformat(stamp).replace(tzinfo=UTC) if stamp else None
    owner = article_id(article["url"])
    return [
        Passage(
            id=f"{owner}:{start}",
            article_id=owner,
            url=article["url"],
            title=article["title"],
            text=text[start:end],
            start=start,
            end=end,
            published_at=published,
        )
        for start, end in split_passages(text, CHUNK_TOKENS)
    ]


def _with_history(question: dict[str, Any]) -> str:
    turns = [f"{turn['question']} {turn['answer']}" for turn in question["history"]]
    return " ".join([*turns, question["question"]])


def _terms(texts: list[str], stemmer: Any) -> Any:
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)


def _mrr(ranks: Sequence[int | None], members: npt.NDArray[np.bool_]) -> float:
    counted = [rank for rank, member in zip(ranks, members, strict=True) if member and rank != 0]
    return sum(1 / rank for rank in counted if rank and rank <= 10) / max(1, len(counted))


def _percent(values: Any) -> float:
    numbers = [float(value) for value in values]
    return round(100 * sum(numbers) / max(1, len(numbers)), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, default=Path("../shared/data/newsdesk-dev"))
    parser.add_argument(
        "--model", type=Path, default=MODELS, help="folder of reader.onnx and .json"
    )
    parser.add_argument("--against", type=Path, help="folder of a second model to compare with")
    parser.add_argument("--depth", type=int, default=20, help="passages for each question")
    parser.add_argument("--output", type=Path, help="write the figures here as well")
    chosen = parser.parse_args()
    folders = [chosen.model, *([chosen.against] if chosen.against else [])]
    readers = [OnnxReader(threads=2, budget_s=_UNHURRIED_S, folder=folder) for folder in folders]
    asked = cases(chosen.set, chosen.depth)
    readings, seconds = read_all(readers, asked)
    report: dict[str, Any] = {"depth": chosen.depth, "model": figures(asked, readings[0])}
    report["model"]["median_read_s"] = round(float(np.median(seconds[0])), 3)
    if chosen.against:
        report["against"] = figures(asked, readings[1])
        report["against"]["median_read_s"] = round(float(np.median(seconds[1])), 3)
        ratio = np.median(np.array(seconds[1]) / np.array(seconds[0]))
        report["drift"] = drift(readings[0], readings[1])
        report["time_against_over_model"] = round(float(ratio), 2)
    shown = json.dumps(report, indent=2)
    if chosen.output:
        chosen.output.write_text(shown + "\n", "utf-8")
    print(shown)


if __name__ == "__main__":
    main()
