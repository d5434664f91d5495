"""Training material for weighing answers: for each question the answers that the reader proposes.

Run: python -m training.choice_data --output runs/choices.jsonl

In: the reader's groups (reader_data) and the shipped reader. Out: Choices, one per question.
Refuses to know: tokens, models but the reader.

The reader is to choose among what it finds, so it learns from what it finds: its best spans, right
and wrong, and for quizzes the wrong options where a passage has them.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assistant.answering.extractive import answer_key, ranked_answers
from assistant.answering.reader import OnnxReader
from assistant.types import Passage, Reading
from training.reader_data import (
    Candidate,
    Group,
    locate,
    news_groups,
    quiz_groups,
    read_lines,
    written_groups,
)

log = logging.getLogger("training.choices")

MOST_PROPOSED, MOST_OPTIONS = 4, 1
# A span that shares half of its words with the answer is no wrong answer, but the worse wording.
_PARTLY, _PARTLY_FROM = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer in its passage: `span` in characters of `text`, `right` in [0, 1]."""

    header: str
    text: str
    span: tuple[int, int]
    right: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with the proposals for it; none of them is right where it has no answer."""

    question: str
    proposals: tuple[Proposal, ...]
    kind: str


def choices(groups: Iterable[Group], options: dict[str, list[str]]) -> Iterator[Choice]:
    """One Choice for each group whose answer has a place; `options` are wrong ones by question."""
    reader = OnnxReader(budget_s=float("inf"))
    for group in groups:
        if not group.has_spans:
            continue
        passages = [
            Passage(str(number), str(number), "", c.header.removesuffix(". "), c.text, 0,
                    len(c.text))
            for number, c in enumerate(group.candidates)
        ]  # fmt: skip
        readings = [_scored(reading) for reading in reader.read(group.question, passages)]
        proposals: list[Proposal] = []
        for answer in ranked_answers(readings)[:MOST_PROPOSED]:
            best = answer.readings[0]
            source = group.candidates[int(best.passage.id)]
            proposals.append(_proposal(source, (best.start, best.end)))
        for source in group.candidates:
            if source.spans and not any(p.right == 1 for p in proposals):
                proposals.append(_proposal(source, source.spans[0]))
        for option in options.get(group.question, []):
            place = _first_place(group.candidates, option)
            if place and answer_key(option) not in map(_key, proposals):
                proposals.append(_proposal(*place))
        if proposals:
            yield Choice(group.question, tuple(proposals), group.kind)


def wrong_options(folder: Path) -> dict[str, list[str]]:
    """The wrong options of each quiz question."""
    return {
        record["question"]: [
            option for option in record["choices"] if option not in record["answers"]
        ][:MOST_OPTIONS]
        for record in read_lines(folder / "realtimeqa-2022-2024.jsonl.gz")
    }


def _scored(reading: Reading) -> Reading:
    """The reading with its relevance as its passage's score: there is no search score here."""
    return replace(reading, passage=replace(reading.passage, score=reading.relevance))


def _key(proposal: Proposal) -> str:
    return answer_key(proposal.text[slice(*proposal.span)])


def _first_place(
    candidates: Iterable[Candidate], option: str
) -> tuple[Candidate, tuple[int, int]] | None:
    for candidate in candidates:
        place = locate(candidate.text, option.strip(" “”\"'"), fold_case=True)
        if place:
            return candidate, place
    return None


def _proposal(source: Candidate, span: tuple[int, int]) -> Proposal:
    return Proposal(source.header, source.text, span, _right(source, span))


def _right(source: Candidate, span: tuple[int, int]) -> float:
    """How right the span is: 1 in the words of an answer, less where it shares half of them."""
    said = answer_key(source.text[slice(*span)])
    best = 0.0
    for start, end in source.spans:
        gold = answer_key(source.text[start:end])
        if said == gold:
            return 1.0
        common = sum((Counter(said.split()) & Counter(gold.split())).values())
        f1 = 2 * common / max(1, len(said.split()) + len(gold.split()))
        if span[0] < end and start < span[1] and f1 >= _PARTLY_FROM:
            best = _PARTLY
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/reader"))
    parser.add_argument("--output", type=Path, default=Path("runs/choices.jsonl"))
    parser.add_argument("--written", type=int, default=3000, help="of the written questions")
    parser.add_argument("--fresh", type=int, default=9203, help="from so many last written ones")
    parser.add_argument("--news", type=int, default=1200, help="of the project's questions")
    parser.add_argument("--seed", type=int, default=20261125)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    rng = random.Random(chosen.seed)
    written = written_groups(chosen.data, chosen.seed)[-chosen.fresh :]
    news = [g for g in news_groups(chosen.data, chosen.seed) if g.verdict is None]
    groups = (
        rng.sample(written, min(chosen.written, len(written)))
        + quiz_groups(chosen.data, chosen.seed)
        + rng.sample(news, min(chosen.news, len(news)))
    )
    log.info("%d groups", len(groups))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    made = right = 0
    with chosen.output.open("w", encoding="utf-8") as lines:
        for choice in choices(groups, wrong_options(chosen.data)):
            lines.write(json.dumps(asdict(choice)) + "\n")
            made += 1
            right += choice.proposals[0].right == 1
            if made % 500 == 0:
                log.info("%d choices, the reader's first is right in %d", made, right)


def read_choices(path: Path) -> list[Choice]:
    """What `main` wrote."""
    made = []
    for record in read_lines(path):
        proposals = [Proposal(**p | {"span": tuple(p["span"])}) for p in record["proposals"]]
        made.append(Choice(record["question"], tuple(proposals), record["kind"]))
    return made


if __name__ == "__main__":
    main()
