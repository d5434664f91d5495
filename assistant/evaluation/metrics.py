"""What one answer scored, and what a set of them amounts to, with 95 % bootstrap intervals.

In: Questions with Answers, the articles that hold the gold quotes. Out: Scores and figures.
Refuses to know: files, how answers come about.

An answer is *right* when it contains an accepted answer as whole words or shares at least half its
words with one (F1 >= 0.5); to a question without accepted answers only abstaining is right.
Questions with evidence are scored for retrieval; a gold quote that the archive does not hold
counts as not found. Every figure is a ratio of two sums over questions (statistics.ratios).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.evaluation.gold import (
    FindArticle,
    GoldQuote,
    cited_words_stand,
    covered_articles,
    covered_by_citation,
    covered_by_passage,
    locate_gold,
)
from assistant.evaluation.questions import Question
from assistant.evaluation.rankings import first_rank, measure_rankings
from assistant.evaluation.statistics import (
    Figure,
    Floats,
    as_floats,
    quantiles,
    ratios,
    risk_area,
    risk_curve,
)
from assistant.evaluation.wording import contains, exact_match, token_f1
from assistant.types import Answer, AppliedFilters, Passage

_STRING_DEPTHS = (1, 5, 10, 20)
_RIGHT_F1 = 0.5
_CURVE_POINTS = 100
_STAGE_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Scores:
    """One question's outcome. Ranks count from 1; None where nothing right was among the passages.

    `gold_rank`: first passage that covers a gold quote; `article_rank`: first passage of a gold
    article; `string_rank`: first passage that contains an answer string. `retrieval`: measures of
    rankings.py, `article_` ones on distinct articles, `dense.` and the like by retrieval stage.
    `cited_right`: citations that touch the sentence of a gold quote; `gold_cited`: gold quotes
    that a citation touches; `gold_missing`: gold quotes that the archive does not hold.
    `judged`: it is known what to answer, or to abstain; False in sets that judge documents only.
    `error`: the question could not be asked; it counts as neither right nor abstained.
    """

    id: str
    kind: str
    answerable: bool
    has_gold: bool
    gold_rank: int | None = None
    article_rank: int | None = None
    string_rank: int | None = None
    retrieval: Mapping[str, float] = field(default_factory=dict)
    stage_string_ranks: Mapping[str, int | None] = field(default_factory=dict)
    exact: float = 0.0
    f1: float = 0.0
    contains: float = 0.0
    abstained: bool = False
    confidence: float = 0.0
    citations: int = 0
    verbatim: int = 0
    cited_right: int = 0
    gold_quotes: int = 0
    gold_missing: int = 0
    gold_cited: int = 0
    total_ms: float = 0.0
    passages: int = 0
    judged: bool = True
    error: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def says_right(self) -> bool:
        """Whether the answer given is right; False where none is given."""
        return self.answerable and (self.contains > 0 or self.f1 >= _RIGHT_F1)

    @property
    def right(self) -> bool:
        """Whether the right thing was done: a right answer, or abstaining where there is none."""
        return self.says_right if self.answerable else self.abstained

    @property
    def crag(self) -> int:
        """CRAG's score (Yang et al. 2024): +1 right, 0 no answer, -1 wrong.

        Abstaining where the right move is to abstain is right, as in CRAG's false-premise kind.
        """
        if self.right:
            return 1
        return 0 if self.abstained or self.error else -1


def score(question: Question, answer: Answer, find_article: FindArticle) -> Scores:
    """How one answer did against what is known to be right."""
    gold = locate_gold(question, find_article)
    covered = [covered_by_passage(gold, passage) for passage in answer.passages]
    articles = covered_articles(gold, answer.passages)
    stages = _stages(answer.candidates or answer.passages)
    exactly = [covered_by_citation(gold, citation) for citation in answer.citations]
    nearly = [covered_by_citation(gold, one, sentence=True) for one in answer.citations]
    said = "" if answer.abstained else answer.answer
    return Scores(
        id=question.id,
        kind=question.kind,
        answerable=bool(question.answers),
        has_gold=bool(gold),
        gold_rank=first_rank(covered),
        article_rank=next(
            (
                rank
                for rank, passage in enumerate(answer.passages, 1)
                if covered_articles(gold, [passage])[0]
            ),
            None,
        ),
        string_rank=_string_rank(question, enumerate(answer.passages, 1)),
        retrieval=_retrieval(gold, covered, articles, stages) if gold else {},
        stage_string_ranks={
            stage: _string_rank(question, ranked.items()) for stage, ranked in stages.items()
        },
        exact=exact_match(said, question.answers),
        f1=token_f1(said, question.answers),
        contains=contains(said, question.answers),
        abstained=answer.abstained,
        confidence=answer.confidence,
        citations=len(answer.citations),
        verbatim=cited_words_stand(answer, find_article),
        cited_right=sum(bool(touched) for touched in nearly),
        gold_quotes=len(gold),
        gold_missing=sum(not quote.places for quote in gold),
        gold_cited=len(frozenset[int]().union(*exactly)),
        total_ms=answer.timings_ms.get("total", 0.0),
        passages=len(answer.passages),
        judged=not question.retrieval_only,
    )


def score_failure(question: Question) -> Scores:
    """The scores of a question that could not be asked: nothing found, nothing right."""
    empty = Answer(question.question, question.question, "", "", (), (), AppliedFilters(), False)
    scores = score(question, empty, lambda _: None)
    return Scores(**(asdict(scores) | {"error": True, "gold_missing": 0}))


def summarise(scores: Sequence[Scores], seed: int = 0) -> dict[str, Any]:
    """Figures over all questions and by kind, each {value, low, high, n}."""
    kinds = sorted({one.kind for one in scores})
    return {
        "questions": len(scores),
        "answerable": sum(one.answerable for one in scores),
        "failed": sum(one.error for one in scores),
        "gold_quotes": sum(one.gold_quotes for one in scores),
        "gold_quotes_not_in_archive": sum(one.gold_missing for one in scores),
        "overall": _figures(scores, seed),
        "by_kind": {k: _figures([s for s in scores if s.kind == k], seed) for k in kinds},
        "risk_coverage": risk_coverage(scores, seed),
        "latency_ms": _latency(scores, seed),
    }


def risk_coverage(scores: Sequence[Scores], seed: int = 0) -> dict[str, Any]:
    """Error rate among the most confident share of the questions, and the area under that curve.

    To an unanswerable question every answer is wrong; an answer withheld counts as wrong when it
    comes to be covered, so the curve of the system itself is that of a run without abstention.
    """
    judged = [one for one in scores if one.judged]
    confidence = as_floats([one.confidence for one in judged])
    wrong = as_floats([not one.says_right for one in judged])
    area = risk_area(confidence, wrong, seed)
    curve = risk_curve(confidence, wrong) if judged else confidence
    marks = range(1, _CURVE_POINTS + 1)
    at = [max(1, round(len(curve) * mark / _CURVE_POINTS)) - 1 for mark in marks]
    points = [
        {"coverage": mark / _CURVE_POINTS, "risk": round(float(curve[index]), 4)}
        for mark, index in zip(marks, at, strict=True)
        if len(curve)
    ]
    return {"area": area.to_json() if area else None, "points": points}


def _stages(candidates: Sequence[Passage]) -> dict[str, dict[int, Passage]]:
    """For every retrieval stage its first ranks, in order, from all passages that were found.

    A rank is missing where its passage was folded into a copy of it.
    """
    stages: dict[str, dict[int, Passage]] = {}
    for passage in candidates:
        for name, seen in passage.stages.items():
            if seen.rank <= _STAGE_DEPTH:
                stages.setdefault(name, {})[seen.rank] = passage
    return {name: dict(sorted(stages[name].items())) for name in sorted(stages)}


def _retrieval(
    gold: Sequence[GoldQuote],
    covered: Sequence[frozenset[int]],
    articles: Sequence[frozenset[int]],
    stages: Mapping[str, Mapping[int, Passage]],
) -> dict[str, float]:
    """Measures of the passages, of their articles, and of each stage."""
    rankings: dict[str, Sequence[frozenset[int]]] = {"": covered, "article_": articles}
    for stage, ranked in stages.items():
        ranking = [frozenset[int]()] * _STAGE_DEPTH
        for rank, passage in ranked.items():
            ranking[rank - 1] = covered_by_passage(gold, passage)
        rankings[f"{stage}."] = ranking
    measured = measure_rankings(rankings, len(gold))
    return {
        prefix + name: round(value, 6)
        for prefix, measures in measured.items()
        for name, value in measures.items()
        if prefix.endswith(".") or len(covered) > 10 or not name.endswith("@20")
    }


def _string_rank(question: Question, ranked: Iterable[tuple[int, Passage]]) -> int | None:
    if not question.answers:
        return None
    return next((rank for rank, one in ranked if contains(one.text, question.answers)), None)


def _figures(scores: Sequence[Scores], seed: int) -> dict[str, Any]:
    columns: dict[str, tuple[Floats, Floats]] = {}

    def add(
        name: str,
        part: Callable[[Scores], float],
        whole: Callable[[Scores], float] = lambda _: 1.0,
        among: Callable[[Scores], bool] = lambda _: True,
    ) -> None:
        counted = [among(one) for one in scores]
        columns[name] = (
            as_floats([part(s) if c else 0 for s, c in zip(scores, counted, strict=True)]),
            as_floats([whole(s) if c else 0 for s, c in zip(scores, counted, strict=True)]),
        )

    # Retrieval counts the answerable; in a kind that has none (false premises), all with evidence.
    some_answerable = any(one.answerable for one in scores)

    def gold(one: Scores) -> bool:
        return one.has_gold and (one.answerable or not one.judged or not some_answerable)

    names = dict.fromkeys(name for one in scores for name in one.retrieval)
    for name in names:
        add(name, lambda s, n=name: s.retrieval.get(n, 0.0), among=gold)  # type: ignore[misc]
    for depth in _STRING_DEPTHS:
        if depth <= 10 or any(one.passages > 10 for one in scores):
            add(f"answer_string@{depth}", lambda s, d=depth: _within(s.string_rank, d), among=_able)  # type: ignore[misc]
    for stage in dict.fromkeys(name for one in scores for name in one.stage_string_ranks):
        for depth in _STRING_DEPTHS:
            add(
                f"{stage}.answer_string@{depth}",
                lambda s, n=stage, d=depth: _within(s.stage_string_ranks.get(n), d),  # type: ignore[misc]
                among=_able,
            )
    add("exact_match", lambda s: s.exact, among=_able)
    add("f1", lambda s: s.f1, among=_able)
    add("contains", lambda s: s.contains, among=_able)
    add("accuracy", lambda s: s.right, among=_judged)
    add("answered", lambda s: not s.abstained and not s.error)
    caught = _abstained_rightly
    add("abstention_precision", caught, lambda s: s.abstained, _judged)
    add("abstention_recall", caught, lambda s: not s.answerable, _judged)
    add("abstention_f1", lambda s: 2 * caught(s), _abstained_or_should, _judged)
    add("crag", lambda s: s.crag, among=_judged)
    add("citation_verbatim", lambda s: s.verbatim, lambda s: s.citations)
    add("citation_precision", lambda s: s.cited_right, lambda s: s.citations, gold)
    add(
        "citation_recall",
        lambda s: s.gold_cited,
        lambda s: s.gold_quotes,
        lambda s: gold(s) and not s.abstained and not s.error,
    )
    return {name: figure.to_json() for name, figure in ratios(columns, seed).items()}


def _latency(scores: Sequence[Scores], seed: int) -> dict[str, Any]:
    times = as_floats([one.total_ms for one in scores if not one.error])
    wanted = {"median": 0.5, "p95": 0.95}
    figures: Mapping[str, Figure] = quantiles(times, wanted, seed)
    return {name: figure.to_json() for name, figure in figures.items()}


def _able(one: Scores) -> bool:
    return one.answerable


def _judged(one: Scores) -> bool:
    return one.judged


def _abstained_or_should(one: Scores) -> int:
    """2tp + fp + fn of the abstention F1, in which a true positive counts on both sides."""
    return one.abstained + (not one.answerable)


def _within(rank: int | None, depth: int) -> bool:
    return rank is not None and rank <= depth


def _abstained_rightly(one: Scores) -> int:
    return int(one.abstained and not one.answerable)
