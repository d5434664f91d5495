"""TREC run files: ours written, other systems' read and scored beside ours.

In: Answers, run files, Questions. Out: lines `topic Q0 document rank score tag`, figures.
Refuses to know: how passages are found.

A document is named ARTICLE_ID:START-END, a span of the stored article, so that a run can be judged
against gold quotes without the system that made it. A run of another system may also name whole
articles by id or url; it then has article figures only. White space in a topic becomes "_".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.evaluation.gold import FindArticle
from assistant.evaluation.metrics import Scores, score, summarise
from assistant.evaluation.questions import Question
from assistant.types import Answer, AppliedFilters, Passage, article_id

TAG = "news-assistant"
_SPAN = re.compile(r"(.+):(\d+)-(\d+)")
_COLUMNS = 6


def topic_name(question_id: str) -> str:
    """The question's id as a run file can hold it."""
    return re.sub(r"\s+", "_", question_id)


def run_lines(question_id: str, passages: Sequence[Passage]) -> Iterator[str]:
    """One line a passage, best first. The score falls with the rank, since tools sort by it."""
    for rank, passage in enumerate(passages, 1):
        name = f"{passage.article_id}:{passage.start}-{passage.end}"
        yield f"{topic_name(question_id)} Q0 {name} {rank} {len(passages) - rank + 1} {TAG}\n"


def read_run(path: Path) -> dict[str, list[str]]:
    """Documents of each topic, highest score first, ties in the order of the file.

    Raises SourceError naming file and line for a line that is not of six columns.
    """
    scored: dict[str, list[tuple[float, str]]] = {}
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error}). Check the path and file.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parts = line.split()
        try:
            topic, _, document, _, points, _ = parts
            scored.setdefault(topic, []).append((float(points), document))
        except ValueError:
            raise SourceError(
                f"{path}:{number}: not a run line of {_COLUMNS} columns: topic Q0 document rank "
                "score tag."
            ) from None
    return {
        topic: [document for _, document in sorted(rows, key=lambda row: -row[0])]
        for topic, rows in scored.items()
    }


def score_run(
    path: Path, questions: Sequence[Question], find_article: FindArticle, *, seed: int = 0
) -> dict[str, Any]:
    """Retrieval figures of a run file, in the shape that `evaluate` gives ours.

    A question that the run lacks counts as one with nothing found. Raises SourceError for a run
    that has none of the questions.
    """
    run = read_run(path)
    if not any(topic_name(question.id) in run for question in questions):
        raise SourceError(f"{path}: no topic is the id of a question. Check that they belong.")
    scores = [
        _score(question, run.get(topic_name(question.id), []), find_article)
        for question in questions
    ]
    names = {name for one in scores for name in one.retrieval}
    metrics = summarise(scores, seed)
    for figures in (metrics["overall"], *metrics["by_kind"].values()):
        for name in [n for n in figures if n not in names and not n.startswith("answer_string")]:
            del figures[name]
    counted = ("questions", "gold_quotes", "gold_quotes_not_in_archive", "overall", "by_kind")
    return {name: metrics[name] for name in counted} | {"latency_ms": {}, "errors": {}}


def _score(question: Question, documents: Sequence[str], find_article: FindArticle) -> Scores:
    passages = tuple(_passage(document, find_article) for document in documents)
    answer = Answer(
        question.question, question.question, "", "", (), passages, AppliedFilters(), False
    )
    return score(question, answer, find_article)


def _passage(document: str, find_article: FindArticle) -> Passage:
    """The span that a document's name stands for; an empty one for a whole article."""
    match = _SPAN.fullmatch(document)
    name, start, end = (match[1], int(match[2]), int(match[3])) if match else (document, 0, 0)
    article = find_article(name)
    if article is None:
        return Passage(document, name, name, "", "", start, end)
    return Passage(
        document, article_id(article.url), article.url, article.title,
        article.text[start:end], start, end,
    )  # fmt: skip
