"""Our retrieval beside plain peers: the same articles, the same questions, one process.

In: article files, a question set. Out: hit@10, MRR@10 and ingest rate, as Markdown tables.
    python -m benchmarks.peers --articles ../shared/data/newsdesk-dev/articles.jsonl.gz
        --questions ../shared/data/newsdesk-dev/questions.jsonl
Refuses to know: answers; see `news-assistant evaluate` for those.

The peers (they need the extra `benchmarks`), in plain.py:
  dense   LlamaIndex's quick-start: SentenceSplitter, HuggingFaceEmbedding, Chroma
  bm25    bm25s with its stop words and a stemmer over the same chunks
  rrf     plain reciprocal rank fusion of both
They get what their users would give them: the question; and, as a variant, the conversation before
it. Ours gets the question with its history and its day, and for comparison the question alone.
Ingest takes turns in batches, so that a busy machine slows both; seconds of CPU are counted too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tqdm import tqdm

from assistant.answering.assistant import Assistant
from assistant.articles import load_articles
from assistant.evaluation.gold import GoldQuote, covered_by_passage, locate_gold
from assistant.evaluation.questions import Question, read_questions, select_questions
from assistant.evaluation.rankings import measure_rankings
from assistant.evaluation.statistics import Figure, as_floats, paired_difference, ratios
from assistant.offline import go_offline
from assistant.retrieval.query import understand
from assistant.retrieval.retriever import NewsRetriever
from assistant.settings import load_settings
from assistant.types import Article, Passage
from benchmarks.plain import PlainPeers

KEPT = 10
_BATCH_ARTICLES = 90
_FIGURES = ("hit@1", "hit@10", "recall@10", "mrr@10")

Ask = Callable[[Question], Sequence[Passage]]


@dataclass
class Row:
    """One system: its measures of each question, and the time of each search in ms."""

    measures: list[Mapping[str, float]] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    def figure(self, name: str) -> Figure:
        values = as_floats([one[name] for one in self.measures])
        return ratios({name: (values, values * 0 + 1)}, 0)[name]


def main() -> None:
    go_offline()
    chosen = _arguments()
    articles = [a for a in load_articles(chosen.articles) if isinstance(a, Article)]
    asked = select_questions(read_questions(chosen.questions), limit=chosen.limit)
    scored = [question for question in asked if question.answers and question.evidence]
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(archive=Path(place) / "ours")
        peers = PlainPeers(Path(place) / "plain", KEPT)
        with Assistant.open(settings) as assistant:
            assistant.archive.embed("warm up")
            spent = _ingest(articles, peers, assistant)
            gold = {q.id: locate_gold(q, assistant.archive.article) for q in scored}
            rows = _search(scored, gold, _systems(peers, assistant))
            passages = assistant.archive.stats().passages
    print(f"{len(articles)} articles, {len(scored)} answerable questions with evidence, ", end="")
    print(f"{datetime.now(UTC):%Y-%m-%d}; plain chunks {peers.chunks}, our passages {passages}\n")
    print(_quality_table(rows))
    print(_ingest_table(len(articles), spent))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="only the first so many questions")
    return parser.parse_args()


def _ingest(
    articles: Sequence[Article], peers: PlainPeers, assistant: Assistant
) -> dict[str, tuple[float, float]]:
    """Seconds of time and of CPU that each took for all articles, in turns."""
    spent = {"plain": (0.0, 0.0), "ours": (0.0, 0.0)}
    steps = range(0, len(articles), _BATCH_ARTICLES)
    for first in tqdm(steps, desc="Ingesting", unit=" batches", disable=None):
        batch = articles[first : first + _BATCH_ARTICLES]
        turns: list[tuple[str, Callable[[Iterable[Article]], object]]] = [
            ("plain", peers.ingest),
            ("ours", assistant.archive.ingest),
        ]
        for name, ingest in turns:
            wall, cpu = time.perf_counter(), time.process_time()
            ingest(batch)
            so_far = spent[name]
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            spent[name] = (so_far[0] + wall, so_far[1] + cpu)
    peers.finish()
    return spent


def _systems(peers: PlainPeers, assistant: Assistant) -> dict[str, Ask]:
    fused_only = NewsRetriever(assistant.archive, settings=assistant.settings)

    def ours(retriever: NewsRetriever, *, alone: bool = False) -> Ask:
        def ask(question: Question) -> Sequence[Passage]:
            query = understand(
                question.question,
                assistant.archive,
                history=() if alone else question.history,
                as_of=None if alone else question.asked_on,
            )
            return retriever.search(query, top_n=KEPT)

        return ask

    systems: dict[str, Ask] = {}
    for name, search in peers.searches().items():
        systems[name] = lambda q, search=search: search(q.question)  # type: ignore[misc]
        systems[f"{name}, with the conversation"] = (
            lambda q, search=search: search(_with_history(q))  # type: ignore[misc]
        )
    systems["ours, fused only"] = ours(fused_only)
    systems["ours, question alone"] = ours(assistant.retriever, alone=True)
    systems["ours"] = ours(assistant.retriever)
    return systems


def _with_history(question: Question) -> str:
    turns = [f"{turn.question} {turn.answer}" for turn in question.history]
    return " ".join([*turns, question.question])


def _search(
    questions: Sequence[Question],
    gold: Mapping[str, Sequence[GoldQuote]],
    systems: Mapping[str, Ask],
) -> dict[str, Row]:
    rows = {name: Row() for name in systems}
    for question in tqdm(questions, desc="Searching", unit=" questions", disable=None):
        quotes = gold[question.id]
        for name, ask in systems.items():
            started = time.perf_counter()
            passages = ask(question)[:KEPT]
            rows[name].times_ms.append((time.perf_counter() - started) * 1000)
            covered = [covered_by_passage(quotes, passage) for passage in passages]
            rows[name].measures.append(measure_rankings({"": covered}, len(quotes))[""])
    return rows


def _quality_table(rows: Mapping[str, Row]) -> str:
    """Figures in percent with 95 % intervals; the difference in hit@10 from ours, with its p."""
    lines = [
        f"| system | {' | '.join(_FIGURES)} | ours − it, hit@10 | median ms |",
        "|---|" + "---|" * (len(_FIGURES) + 2),
    ]
    ours = [one["hit@10"] for one in rows["ours"].measures]
    for name, row in rows.items():
        cells = []
        for figure in map(row.figure, _FIGURES):
            interval = f"{100 * figure.low:.1f}–{100 * figure.high:.1f}"
            cells.append(f"{100 * figure.value:.1f} ({interval})")
        gap = paired_difference([one["hit@10"] for one in row.measures], ours, 0)
        better = "" if name == "ours" else f"{100 * (gap.b - gap.a):+.1f}, p = {gap.p:.4f}"
        cells += [better, f"{median(row.times_ms):.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _ingest_table(articles: int, spent: Mapping[str, tuple[float, float]]) -> str:
    lines = [
        "| ingest | articles/s | times as fast | articles per CPU second | times as frugal |",
        "|---|---|---|---|---|",
    ]
    for name, (wall, cpu) in spent.items():
        frugal = f"{articles / cpu:.2f} | {spent['plain'][1] / cpu:.2f}"
        lines.append(
            f"| {name} | {articles / wall:.2f} | {spent['plain'][0] / wall:.2f} | {frugal} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
