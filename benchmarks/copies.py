"""How well near-copies are grouped: edited copies of real articles, and what grouping costs.

In: a JSON Lines file of articles. Out: precision and recall over pairs, time beside ingest.
Refuses to know: how copies are found; it asks an archive.

A copy shares a given part of its words with its original: sentences are trimmed from it and
paragraphs of an unrelated article are put in, half each, and its headline is edited. Beside the
copies stand hard negatives, round-ups that take a third of their words from each of three articles.

    python -m benchmarks.copies ../shared/data/newsdesk-dev/articles.jsonl.gz
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from assistant.archive import clusters, copies
from assistant.archive.archive import Archive
from assistant.articles import load_articles
from assistant.sentences import sentence_spans
from assistant.settings import Settings
from assistant.types import Article
from benchmarks.hashing import HashingEmbedding

SHARED = 0.8
_ROUND_UP = 3
_FEWEST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Grouping:
    """Pairs of copies found and missed, pairs that are none, and CPU seconds spent.

    `grouping_s` is part of `ingest_s`: signatures, bands, comparisons.
    """

    found: int
    missed: int
    wrong: int
    ingest_s: float
    grouping_s: float

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + self.missed)


class _Timed:
    """Adds up the CPU time that grouping takes while it is entered."""

    def __enter__(self) -> _Timed:
        self.seconds = 0.0
        self._plain: list[tuple[Any, str, Any]] = []
        for module, name in ((clusters, "regroup"), (clusters, "store_bands"),
                             (clusters, "companions"), (clusters, "groups"), (copies, "signature"),
                             (copies, "band_keys")):  # fmt: skip
            self._plain.append((module, name, getattr(module, name)))
            setattr(module, name, self._timed(getattr(module, name)))
        return self

    def __exit__(self, *_: object) -> None:
        for module, name, function in self._plain:
            setattr(module, name, function)

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            begun = time.thread_time()
            try:
                return function(*arguments)
            finally:
                self.seconds += time.thread_time() - begun

        return call


def edited(
    original: Article, other: Article, shared: float, number: int, rng: random.Random
) -> Article:
    """A copy of which `shared` of the words, and of the original's, are common to both."""
    sentences = [original.text[span.start : span.end] for span in sentence_spans(original.text)]
    total = len(original.text.split())
    drop = (1 - shared) * total
    while sentences and drop > 0:
        index = rng.randrange(len(sentences))
        size = len(sentences[index].split())
        if size > drop:
            words = sentences[index].split()
            sentences[index] = " ".join(words[: len(words) - round(drop)])
        else:
            del sentences[index]
        drop -= size
    inserted = other.text.split()[: round((1 - shared) * total)]
    third = max(1, len(inserted) // 2)
    for part in (inserted[:third], inserted[third:]):
        sentences.insert(rng.randint(0, len(sentences)), " ".join(part))
    return replace(
        original,
        url=f"https://copy.example/{number}",
        title=f"{' '.join(original.title.split()[:-2])} - report",
        text="\n\n".join(one for one in sentences if one),
        publisher="Copy Post",
    )


def measure(
    articles: Sequence[Article], shared: float = SHARED, seed: int = 0, minilm: bool = False
) -> Grouping:
    """Ingest the articles with a copy and a quoting article of each, shuffled; count the pairs."""
    rng = random.Random(seed)
    long = [one for one in articles if len(one.text.split()) >= _FEWEST_WORDS]
    items, truth = list(_with_variants(long, shared, rng)), set()
    for index, original in enumerate(long):
        truth.add(frozenset((original.id, items[3 * index + 1].id)))
    rng.shuffle(items)
    with tempfile.TemporaryDirectory() as folder, _Timed() as timed:
        settings = Settings(archive=Path(folder) / "archive")
        embedder = None if minilm else HashingEmbedding()
        with Archive.open(settings=settings, embedder=embedder) as archive:
            begun = time.process_time()
            archive.ingest(items)
            ingest_s = time.process_time() - begun
            groups = archive.clusters([one.id for one in items]).values()
    pairs = {
        frozenset((one.id, other.id)) for group in groups for one, other in combinations(group, 2)
    }
    # Pairs of two originals are the newsroom's own re-runs: neither counted for nor against.
    own = {one.id for one in long}
    judged = {pair for pair in pairs if not pair <= own}
    return Grouping(
        len(judged & truth), len(truth - judged), len(judged - truth), ingest_s, timed.seconds
    )


def round_up(articles: Sequence[Article], number: int) -> Article:
    """An article that quotes the heads of others at length, the same part of each."""
    shortest = min(len(one.text.split()) for one in articles)
    heads = (" ".join(one.text.split()[:shortest]) for one in articles)
    return replace(
        articles[0],
        url=f"https://round-up.example/{number}",
        title="The week in brief",
        text="\n\n".join(heads),
        publisher="Round-up Post",
    )


def _with_variants(
    articles: Sequence[Article], shared: float, rng: random.Random
) -> Iterator[Article]:
    """The original, its copy and a round-up, three for each article."""
    for index, original in enumerate(articles):
        # Steps of 1, 3, 9, …: no two round-ups take from more than one article in common.
        steps = (_ROUND_UP**n for n in range(_ROUND_UP))
        others = [articles[(index + step) % len(articles)] for step in steps]
        yield original
        yield edited(original, others[-1], shared, index, rng)
        yield round_up(others, index)


def main() -> None:
    """Print one line for each share of common text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--shared", type=float, nargs="*", default=[0.9, SHARED, 0.7])
    parser.add_argument("--limit", type=int, help="only the first so many articles")
    parser.add_argument("--minilm", action="store_true", help="time beside the real embedder")
    arguments = parser.parse_args()
    articles = [one for one in load_articles([arguments.articles]) if isinstance(one, Article)]
    articles = articles[: arguments.limit]
    for shared in arguments.shared:
        done = measure(articles, shared, minilm=arguments.minilm)
        print(
            f"shared {shared:.0%}: precision {done.precision:.3f}, recall {done.recall:.3f} "
            f"({done.found} found, {done.missed} missed, {done.wrong} wrong); grouping "
            f"{done.grouping_s:.2f} s of {done.ingest_s:.1f} s "
            f"({done.grouping_s / done.ingest_s:.1%})"
        )


if __name__ == "__main__":
    main()
