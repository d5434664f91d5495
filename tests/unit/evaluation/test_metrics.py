"""Measures against hand-worked values."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.evaluation.metrics import Scores, risk_coverage, score, summarise
from assistant.evaluation.questions import Evidence, Question
from assistant.evaluation.wording import exact_match, find_quote, normalise, token_f1
from assistant.types import Answer, AppliedFilters, Citation, Passage
from tests.conftest import article


def test_squad_normalisation_and_f1() -> None:
    assert normalise("The  Café, of “Marlow”!") == "café of marlow"
    assert exact_match("the Mayor", ["mayor."]) == 1.0
    assert exact_match("mayor", []) == 0.0
    # two of three predicted words, two of two gold words: P 2/3, R 1, F 0.8
    assert token_f1("mayor Ada Finch", ["Ada Finch"]) == pytest.approx(0.8)
    assert token_f1("none", ["Ada Finch"]) == 0.0


def test_a_quote_is_found_through_accents_and_white_space() -> None:
    text = "Before. The cafe\u0301  in\nMarlow “closed”. After."
    (span,) = find_quote(text, 'The café in Marlow "closed".')
    assert text[span.start : span.end] == "The cafe\u0301  in\nMarlow “closed”."


SOURCE = article(1)
QUESTION = Question(
    "q", "factoid", "How much?", ("1 million crowns",), (Evidence(SOURCE.url, "plan would cost"),),
    date(2024, 5, 15),
)  # fmt: skip


def answer(**fields: object) -> Answer:
    start = SOURCE.text.index("Mayor")
    end = SOURCE.text.index("crowns.") + 7
    citation = Citation(1, SOURCE.text[start:end], start, end, SOURCE)
    other = article(2)
    passages = (
        Passage("a", other.id, other.url, other.title, other.text, 0, 50),
        Passage("b", SOURCE.id, SOURCE.url, SOURCE.title, SOURCE.text, 0, len(SOURCE.text)),
    )
    given: dict[str, object] = {
        "question": "How much?", "standalone_question": "How much?", "answer": "1 million crowns",
        "text": "", "citations": (citation,), "passages": passages, "filters": AppliedFilters(),
        "abstained": False, "confidence": 0.9, "timings_ms": {"total": 12.0},
    }  # fmt: skip
    return Answer(**(given | fields))  # type: ignore[arg-type]


def test_scores_of_one_answer() -> None:
    scored = score(QUESTION, answer(), {SOURCE.url: SOURCE}.get)
    assert (scored.gold_rank, scored.article_rank, scored.string_rank) == (2, 2, 2)
    assert (scored.exact, scored.f1, scored.contains) == (1.0, 1.0, 1.0)
    assert (scored.citations, scored.verbatim, scored.cited_right, scored.gold_cited) == (
        1,
        1,
        1,
        1,
    )


def test_an_abstention_scores_no_words() -> None:
    scored = score(QUESTION, answer(abstained=True, citations=()), {SOURCE.url: SOURCE}.get)
    assert (scored.exact, scored.contains, scored.citations) == (0.0, 0.0, 0)


def made(name: str, **fields: object) -> Scores:
    given: dict[str, object] = {
        "id": name, "kind": "factoid", "answerable": True, "has_gold": True, "gold_rank": 1,
        "article_rank": 1, "string_rank": 1, "exact": 1.0, "f1": 1.0, "contains": 1.0,
        "abstained": False, "confidence": 0.9, "citations": 1, "verbatim": 1, "cited_right": 1,
        "gold_quotes": 1, "gold_cited": 1, "total_ms": 10.0,
    }  # fmt: skip
    return Scores(**(given | fields))  # type: ignore[arg-type]


SET = [
    made("1"),
    made("2", gold_rank=4, exact=0.0, f1=0.5, contains=0.0, cited_right=0, confidence=0.7),
    made("3", gold_rank=None, exact=0.0, f1=0.0, contains=0.0, abstained=True, citations=0,
         verbatim=0, cited_right=0, gold_cited=0, confidence=0.1),
    made("4", kind="unanswerable", answerable=False, has_gold=False, gold_rank=None, exact=0.0,
         f1=0.0, contains=0.0, abstained=True, citations=0, verbatim=0, cited_right=0,
         gold_quotes=0, gold_cited=0, confidence=0.2),
    made("5", kind="unanswerable", answerable=False, has_gold=False, gold_rank=None, exact=0.0,
         f1=0.0, contains=0.0, confidence=0.6, cited_right=0, gold_quotes=0, gold_cited=0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hit@1", 1 / 3),
        ("hit@5", 2 / 3),
        ("mrr@10", (1 + 1 / 4) / 3),
        ("exact_match", 1 / 3),
        ("f1", 1.5 / 3),
        ("abstention_precision", 1 / 2),
        ("abstention_recall", 1 / 2),
        ("abstention_f1", 1 / 2),
        ("crag", (1 + 1 + 0 + 1 - 1) / 5),
        ("citation_precision", 1 / 2),
        ("citation_verbatim", 1.0),
    ],
)
def test_hand_worked_figures(name: str, value: float) -> None:
    figure = summarise(SET)["overall"][name]
    assert figure["value"] == pytest.approx(value, abs=1e-4)
    assert figure["low"] <= figure["value"] <= figure["high"]


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert summarise(SET, seed=3) == summarise(SET, seed=3)


def test_risk_coverage() -> None:
    curve = risk_coverage(SET)
    # most confident first: right, right (F1 of a half), wrong, wrong, wrong
    assert curve["area"] == pytest.approx((0 + 0 + 1 / 3 + 2 / 4 + 3 / 5) / 5, abs=1e-4)
    assert curve["points"][-1] == {"coverage": 1.0, "risk": 0.6}


def test_an_empty_set_has_no_figures() -> None:
    assert summarise([])["overall"] == {}
