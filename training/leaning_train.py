"""Learn to tell follow-ups from questions that stand alone.

Run: python -m training.leaning_train --data ../shared/data/reader

Reads the questions written for this project (`questions/*.tsv`, newsdesk-train), writes
`assistant/retrieval/leaning.json` and says how it does on follow-ups.tsv and hasty.tsv, which it
does not learn from (but for a tenth of the follow-ups, "where?" and the like). Seconds.

The reader's training asks follow-ups as the product does, so new weights change its data a little.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

import assistant.retrieval.leaning as product
from assistant.retrieval.conversation import leans_back
from assistant.retrieval.leaning import features
from training.dev_questions import rows_of

SEED = 20261129
_PASSES, _BATCH, _RATE = 6, 512, 0.02
_RARE, _WEIGHT_DECAY, _NEGLIGIBLE = 30, 5e-5, 0.05
_SWITCH = "switch"  # a change of topic
# The questions in pairs, which come last: a tenth of them lean on their text ("the app").
_WRITTEN, _DESK = 28_248, 21_563


def examples(folder: Path) -> list[tuple[str, bool]]:
    """(question, whether it leans on the conversation) of all training questions.

    Short questions that stand alone are few and count three times; a third of all is shown in
    small letters as well.
    """
    alone = {(place, question) for place, question, *_ in rows_of("written.tsv")[:_WRITTEN]}
    found = [(question, False) for _, question in sorted(alone)]
    found += [(row[1], False) for row in rows_of("polar.tsv")]
    # Changes of topic are questions that were written to stand alone.
    found += [(row[1], (row[0], row[1]) not in alone) for row in rows_of("conversations.tsv")]
    desk = rows_of("desk.tsv")[:_DESK]
    found += [(row[2], len(row) > 5 and row[1] != _SWITCH) for row in desk]
    lines = (folder / "newsdesk-train" / "questions.jsonl").read_text("utf-8").splitlines()
    found += [(json.loads(line)["question"], False) for line in lines]
    short = [(asked, leans) for asked, leans in found if not leans and len(asked.split()) <= 4]
    found += short * 2
    return found + [(question.lower(), leans) for question, leans in found[::3]]


def fit(known: list[tuple[str, bool]]) -> tuple[float, dict[str, float]]:
    """Bias and weights of a logistic regression, both classes counted alike."""
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    told = [(sorted(features(question)), leans) for question, leans in known]
    counts = Counter(feature for found, _ in told for feature in found)
    frequent = sorted(feature for feature, count in counts.items() if count >= _RARE)
    place = {feature: at for at, feature in enumerate(frequent)}
    rows = [torch.tensor([place[one] for one in found if one in place]) for found, _ in told]
    leaning = torch.tensor([float(leans) for _, leans in told])
    balance = torch.where(leaning > 0, (1 - leaning).sum() / leaning.sum(), torch.tensor(1.0))
    weights = torch.zeros(len(place), 1, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([weights, bias], lr=_RATE)
    order = list(range(len(rows)))
    for _ in range(_PASSES):
        rng.shuffle(order)
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            starts = torch.tensor([0, *(len(rows[i]) for i in batch[:-1])]).cumsum(0)
            sums = torch.nn.functional.embedding_bag(
                torch.cat([rows[i] for i in batch]), weights, starts, mode="sum"
            )
            loss = binary_cross_entropy_with_logits(
                sums.squeeze(1) + bias, leaning[batch], weight=balance[batch]
            )
            optimizer.zero_grad()
            (loss + _WEIGHT_DECAY * (weights**2).sum()).backward()
            optimizer.step()
    learnt = {feature: round(float(weights[at].detach()), 2) for feature, at in place.items()}
    kept = {feature: weight for feature, weight in learnt.items() if abs(weight) > _NEGLIGIBLE}
    return round(bias.item(), 2), kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/reader"))
    chosen = parser.parse_args()
    bias, weights = fit(examples(chosen.data))
    made = json.dumps({"bias": bias, "weights": weights}, ensure_ascii=False, indent=0)
    Path(product.__file__).with_name("leaning.json").write_text(made + "\n", encoding="utf-8")
    follow_ups, hasty = rows_of("follow-ups.tsv"), rows_of("hasty.tsv")
    for name, asked in (
        ("follow-ups", [row[2] for row in follow_ups if row[1] != _SWITCH]),
        ("changes of topic", [row[2] for row in follow_ups if row[1] == _SWITCH]),
        ("hasty questions", [row[2] for row in hasty]),
    ):
        taken = sum(leans_back(question) for question in asked)
        print(f"{name}: {taken} of {len(asked)} taken for follow-ups")


if __name__ == "__main__":
    main()
