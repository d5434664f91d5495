"""What one answer scored, and what a set of them amounts to, with 95 % bootstrap intervals.

In: Questions with Answers, the articles that hold the gold quotes. Out: Scores and figures.
Refuses to know: files, how answers come about.

Every figure is a ratio of two sums over questions, so one bootstrap serves all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assistant.evaluation.questions import Question
from assistant.evaluation.wording import contains, exact_match, find_quote, overlap, token_f1
from assistant.types import Answer, Article

RESAMPLES = 1_000
_DEPTHS = (1, 3, 5, 10)

FindArticle = Callable[[str], Article | None]


@dataclass(frozen=True, slots=True)
class Scores:
    """One question's outcome. Ranks count from 1; None where nothing right was among the passages.

    `gold_rank`: first passage that overlaps a gold quote; `article_rank`: first passage of a gold
    article; `string_rank`: first passage that contains an answer string. `cited_right`: citations
    that overlap a gold quote; `gold_cited`: gold quotes that a citation overlaps.
    """

    id: str
    kind: str
    answerable: bool
    has_gold: bool
    gold_rank: int | None
    article_rank: int | None
    string_rank: int | None
    exact: float
    f1: float
    contains: float
    abstained: bool
    confidence: float
    citations: int
    verbatim: int
    cited_right: int
    gold_quotes: int
    gold_cited: int
    total_ms: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def score(question: Question, answer: Answer, find_article: FindArticle) -> Scores:
    """How one answer did against what is known to be right."""
    gold = _gold_spans(question, find_article)
    spans = [(c.article.url, c.start, c.end) for c in answer.citations]
    said = "" if answer.abstained else answer.answer
    return Scores(
        id=question.id,
        kind=question.kind,
        answerable=bool(question.answers),
        has_gold=bool(gold),
        gold_rank=_first(
            any(_meets((p.url, p.start, p.end), quote) for quotes in gold for quote in quotes)
            for p in answer.passages
        ),
        article_rank=_first(
            p.url in {evidence.url for evidence in question.evidence} for p in answer.passages
        ),
        string_rank=_first(contains(p.text, question.answers) > 0 for p in answer.passages),
        exact=exact_match(said, question.answers),
        f1=token_f1(said, question.answers),
        contains=contains(said, question.answers),
        abstained=answer.abstained,
        confidence=answer.confidence,
        citations=len(answer.citations),
        verbatim=sum(c.article.text[c.start : c.end] == c.quote for c in answer.citations),
        cited_right=sum(any(_meets(s, q) for quotes in gold for q in quotes) for s in spans),
        gold_quotes=len(gold),
        gold_cited=sum(any(_meets(s, q) for s in spans for q in quotes) for quotes in gold),
        total_ms=answer.timings_ms.get("total", 0.0),
    )


def summarise(scores: Sequence[Scores], seed: int = 0) -> dict[str, Any]:
    """Figures over all questions and by kind, each {value, low, high, n}."""
    kinds = sorted({one.kind for one in scores})
    return {
        "questions": len(scores),
        "overall": _figures(scores, seed),
        "by_kind": {k: _figures([s for s in scores if s.kind == k], seed) for k in kinds},
        "risk_coverage": risk_coverage(scores),
        "latency_ms": _latency(scores),
    }


def risk_coverage(scores: Sequence[Scores]) -> dict[str, Any]:
    """Error rate among the most confident share of the questions, and the area under that curve.

    An answer is right when it contains, or shares half its words with, an accepted answer; to an
    unanswerable question no answer is right.
    """
    order = sorted(scores, key=lambda one: -one.confidence)
    wrong = np.cumsum([not _right(one) for one in order])
    covered = np.arange(1, len(order) + 1)
    risk = wrong / covered if len(order) else np.zeros(0)
    marks = range(5, 101, 5)
    points = [max(1, round(len(order) * mark / 100)) - 1 for mark in marks] if len(order) else []
    return {
        "area": round(float(risk.mean()), 4) if len(order) else None,
        "points": [
            {"coverage": mark / 100, "risk": round(float(risk[at]), 4)}
            for mark, at in zip(marks, points, strict=bool(points))
        ],
    }


def _figures(scores: Sequence[Scores], seed: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}

    def add(name: str, part: Callable[[Scores], float], whole: Callable[[Scores], float]) -> None:
        parts = np.array([float(part(one)) for one in scores])
        wholes = np.array([float(whole(one)) for one in scores])
        figures[name] = _ratio(parts, wholes, seed)

    def gold(one: Scores) -> bool:
        return one.answerable and one.has_gold

    for depth in _DEPTHS:
        add(f"hit@{depth}", lambda s, d=depth: gold(s) and _within(s.gold_rank, d), gold)  # type: ignore[misc]
    add("mrr@10", lambda s: gold(s) * _reciprocal(s.gold_rank), gold)
    add("article_hit@10", lambda s: gold(s) and _within(s.article_rank, 10), gold)
    for depth in (5, 10):
        add(
            f"answer_string@{depth}",
            lambda s, d=depth: s.answerable and _within(s.string_rank, d),  # type: ignore[misc]
            lambda s: s.answerable,
        )
    add("exact_match", lambda s: s.answerable * s.exact, lambda s: s.answerable)
    add("f1", lambda s: s.answerable * s.f1, lambda s: s.answerable)
    add("contains", lambda s: s.answerable * s.contains, lambda s: s.answerable)
    caught = _abstained_rightly
    add("abstention_precision", caught, lambda s: s.abstained)
    add("abstention_recall", caught, lambda s: not s.answerable)
    add("abstention_f1", lambda s: 2 * caught(s), lambda s: s.abstained + (not s.answerable))
    add("crag", _crag, lambda _: 1)
    add("citation_verbatim", lambda s: s.verbatim, lambda s: s.citations)
    add("citation_precision", lambda s: gold(s) * s.cited_right, lambda s: gold(s) * s.citations)
    add(
        "citation_recall",
        lambda s: gold(s) * s.gold_cited,
        lambda s: gold(s) * (not s.abstained) * s.gold_quotes,
    )
    return {name: figure for name, figure in figures.items() if figure is not None}


def _ratio(parts: np.ndarray[Any, Any], wholes: np.ndarray[Any, Any], seed: int) -> Any:
    """Sum over sum with its 95 % percentile bootstrap over questions; None without a whole."""
    if not wholes.sum():
        return None
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(parts), (RESAMPLES, len(parts)))
    totals = wholes[drawn].sum(1)
    ratios = parts[drawn].sum(1)[totals > 0] / totals[totals > 0]
    low, high = np.percentile(ratios, [2.5, 97.5])
    value = parts.sum() / wholes.sum()
    figure = {"value": value, "low": low, "high": high}
    return {name: round(float(number), 4) for name, number in figure.items()} | {
        "n": int(np.count_nonzero(wholes))
    }


def _gold_spans(question: Question, find_article: FindArticle) -> list[list[tuple[str, int, int]]]:
    """For each gold quote found in the archive, its places."""
    found = []
    for evidence in question.evidence:
        article = find_article(evidence.url)
        places = find_quote(article.text, evidence.quote) if article else ()
        if places:
            found.append([(evidence.url, *place) for place in places])
    return found


def _meets(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and overlap(one[1:], other[1:])


def _first(flags: Iterable[bool]) -> int | None:
    return next((rank for rank, flag in enumerate(flags, 1) if flag), None)


def _within(rank: int | None, depth: int) -> bool:
    return rank is not None and rank <= depth


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank is not None and rank <= 10 else 0.0


def _abstained_rightly(one: Scores) -> int:
    return int(one.abstained and not one.answerable)


def _right(one: Scores) -> bool:
    return one.answerable and (one.contains > 0 or one.f1 >= 0.5)


def _crag(one: Scores) -> int:
    """CRAG's score: +1 right, 0 abstained, -1 wrong; abstaining rightly is right."""
    if one.abstained:
        return int(not one.answerable)
    return 1 if _right(one) else -1


def _latency(scores: Sequence[Scores]) -> dict[str, float]:
    times = [one.total_ms for one in scores] or [0.0]
    median, late = np.percentile(times, [50, 95])
    return {"median": round(float(median), 1), "p95": round(float(late), 1)}
