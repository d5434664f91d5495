"""What each retrieval stage before the reader adds, on a question set with gold quotes.

Run: python -m benchmarks.ablation --questions QUESTIONS.jsonl --archive DIR

Prints hit@1, 5, 10 and MRR@10 of the fused order under other weights, without inferred filters,
without the as-of date, without the conversation's words, and with reciprocal rank fusion.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest.mock import patch

from assistant.archive.archive import Archive
from assistant.evaluation.questions import Question, read_questions
from assistant.evaluation.wording import find_quote, overlap
from assistant.retrieval import fusion, retriever
from assistant.retrieval.query import understand
from assistant.settings import load_settings

Fuse = Callable[..., dict[int, float]]
_RRF_K = 60


def weighted(dense: float = fusion.DENSE_WEIGHT, recency: float = fusion.RECENCY_WEIGHT) -> Fuse:
    """The product's fusion with other weights."""
    return lambda lexical, cosines, ages: fusion.fuse(
        lexical, cosines, ages, dense_weight=dense, recency_weight=recency
    )


def reciprocal(dense: float) -> Fuse:
    """Reciprocal rank fusion (Cormack et al. 2009), the dense list weighted."""

    def fuse(
        lexical: Mapping[int, float], cosines: Mapping[int, float], _: object
    ) -> dict[int, float]:
        scores = dict.fromkeys(cosines, 0.0)
        for weight, ranking in ((1.0, lexical), (dense, cosines)):
            best = sorted(ranking, key=lambda key: -ranking[key])[:100]
            for rank, key in enumerate(best, 1):
                scores[key] = scores.get(key, 0.0) + weight / (_RRF_K + rank)
        return scores

    return fuse


def ranks(
    archive: Archive,
    questions: list[Question],
    fuse: Fuse,
    *,
    as_of: bool = True,
    infer: bool = True,
    history: bool = True,
) -> list[int | None]:
    """Rank of the first passage on a gold quote, for each answerable question."""
    search = retriever.NewsRetriever(archive, settings=load_settings(top_n=50))
    found: list[int | None] = []
    with patch.object(retriever, "fuse", fuse):
        for question in questions:
            gold = [
                (evidence.url, *place)
                for evidence in question.evidence
                if (article := archive.article(evidence.url))
                for place in find_quote(article.text, evidence.quote)
            ]
            if not question.answers or not gold:
                continue
            query = understand(
                question.question,
                archive,
                history=question.history if history else (),
                as_of=question.asked_on if as_of else None,
                infer_filters=infer,
            )
            hits = (
                rank
                for rank, p in enumerate(search.search(query), 1)
                if any(p.url == url and overlap((p.start, p.end), (a, b)) for url, a, b in gold)
            )
            found.append(next(hits, None))
    return found


def report(name: str, found: list[int | None]) -> None:
    """One line of figures in percent."""
    hits = [100 * sum(r is not None and r <= k for r in found) / len(found) for k in (1, 5, 10)]
    mrr = sum(1 / r for r in found if r is not None and r <= 10) / len(found)
    cells = "  ".join(f"{hit:5.1f}" for hit in hits)
    print(f"{name:34} {cells}  {mrr:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    chosen = parser.parse_args()
    questions = read_questions(chosen.questions)
    print(f"{'':34} hit@1  hit@5  hit@10  MRR@10")
    with Archive.open(chosen.archive, create=False) as archive:
        report("as shipped", ranks(archive, questions, weighted()))
        report("no as-of date", ranks(archive, questions, weighted(), as_of=False))
        report("no inferred filters", ranks(archive, questions, weighted(), infer=False))
        report("no conversation", ranks(archive, questions, weighted(), history=False))
        for dense in (0.0, 0.25, 1.0):
            report(f"dense weight {dense}", ranks(archive, questions, weighted(dense=dense)))
        for recency in (0.0, 0.2):
            report(
                f"recency weight {recency}", ranks(archive, questions, weighted(recency=recency))
            )
        for dense in (0.5, 1.0):
            report(f"reciprocal rank, dense {dense}", ranks(archive, questions, reciprocal(dense)))


if __name__ == "__main__":
    main()
