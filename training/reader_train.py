"""Train the passage reader; stops and resumes at checkpoints.

Run: python -m training.reader_train --data ../shared/data/reader --output runs/reader

General reading first (SQuAD-like), then passes over news quizzes mixed with the questions written
for this project. One linear learning-rate decay over the whole.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from assistant.archive.embedding import minilm_folder
from training.reader_data import (
    Candidate,
    Group,
    general_groups,
    news_groups,
    quiz_groups,
    written_groups,
)
from training.reader_model import ReaderModel, group_loss

log = logging.getLogger("training.reader")

MAX_TOKENS, MAX_QUESTION_TOKENS = 288, 48
CLS, SEP = 101, 102
BATCH_SEQUENCES = 32
# oneDNN compiles bfloat16 kernels for every new width, which halved the speed.
_WIDTH_STEP = 32
PEAK_LR, WARMUP = 8e-5, 0.06
SEED = 20261124


def curriculum(
    folder: Path, general: int, passes: int, share: float, fresh: int = 0
) -> list[Group]:
    """All groups in the order in which they are learnt.

    Each pass takes a random `share` of quiz, written and project questions, with negatives of its
    own, and all of the last `fresh` written ones; the general questions are shared out over the
    passes, each in the first half of its pass.
    """
    rng = random.Random(SEED)
    reading = general_groups(folder, general, SEED)
    plan: list[Group] = []
    for number in range(passes):
        seed = SEED + number
        written = written_groups(folder, seed)
        known = len(written) - fresh
        news = quiz_groups(folder, seed) + written[:known] + news_groups(folder, seed)
        rng.shuffle(news)
        news = news[: round(share * len(news))] + written[known:]
        rng.shuffle(news)
        half = len(news) // 2
        first = reading[number::passes] + news[:half]
        rng.shuffle(first)
        plan += first + news[half:]
    return plan


class Batcher:
    """Turns groups into padded tensors of about 32 sequences, similar lengths together."""

    def __init__(self) -> None:
        self.tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        # Only with instructions for it: without, it is slower than single precision.
        self.bfloat16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())

    def encode(self, question: str, candidate: Candidate) -> dict[str, Any]:
        """Ids, types, legal span tokens and gold start and end tokens of one pair."""
        asked = self.tokenizer.encode(question, add_special_tokens=False).ids[:MAX_QUESTION_TOKENS]
        header = self.tokenizer.encode(candidate.header, add_special_tokens=False).ids
        text = self.tokenizer.encode(candidate.text, add_special_tokens=False)
        lead = [CLS, *asked, SEP]
        at = len(lead) + len(header)
        kept = text.ids[: MAX_TOKENS - at - 1]
        offsets = text.offsets[: len(kept)]
        starts, ends = [], []
        for start, end in candidate.spans:
            inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
            if inside and offsets[inside[-1]][1] >= end:
                starts.append(at + inside[0])
                ends.append(at + inside[-1])
        ids = [*lead, *header, *kept, SEP]
        types = [0] * len(lead) + [1] * (len(ids) - len(lead))
        return {"ids": ids, "types": types, "body": (at, at + len(kept)), "s": starts, "e": ends}

    def batches(self, groups: list[Group], first: int) -> Iterator[tuple[int, list[Group]]]:
        """(index after the batch, its groups), from group number `first` on."""
        batch: list[Group] = []
        for index in range(first, len(groups)):
            batch.append(groups[index])
            if sum(len(group.candidates) for group in batch) >= BATCH_SEQUENCES:
                yield index + 1, batch
                batch = []

    def loss(self, model: ReaderModel, batch: list[Group]) -> torch.Tensor:
        """Mean group loss of a batch."""
        pairs = [(g, self.encode(g.question, c)) for g in batch for c in g.candidates]
        order = np.argsort([len(pair["ids"]) for _, pair in pairs], kind="stable")
        halves = np.array_split(order, 3)
        rows: dict[int, tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = {}
        for half in halves:
            longest = max(len(pairs[i][1]["ids"]) for i in half)
            width = -(-longest // _WIDTH_STEP) * _WIDTH_STEP
            ids = torch.zeros((len(half), width), dtype=torch.long)
            types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
            for row, i in enumerate(half):
                length = len(pairs[i][1]["ids"])
                ids[row, :length] = torch.tensor(pairs[i][1]["ids"])
                types[row, :length] = torch.tensor(pairs[i][1]["types"])
                mask[row, :length] = 1
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
                relevance, starts, ends, _ = model(ids, mask, types)
            for row, i in enumerate(half):
                rows[int(i)] = (relevance[row], starts[row], ends[row])
        losses, at = [], 0
        for group in batch:
            members = range(at, at + len(group.candidates))
            at += len(group.candidates)
            losses.append(
                self._group_loss(group, [pairs[i][1] for i in members], [rows[i] for i in members])
            )
        return torch.stack(losses).mean()

    def _group_loss(
        self,
        group: Group,
        pairs: list[dict[str, Any]],
        rows: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    ) -> torch.Tensor:
        starts = torch.cat(
            [row[1][slice(*pair["body"])] for row, pair in zip(rows, pairs, strict=True)]
        )
        ends = torch.cat(
            [row[2][slice(*pair["body"])] for row, pair in zip(rows, pairs, strict=True)]
        )
        start_gold = torch.zeros(len(starts), dtype=torch.bool)
        end_gold = torch.zeros_like(start_gold)
        base = 0
        for pair in pairs:
            lo, hi = pair["body"]
            for token in pair["s"]:
                start_gold[base + token - lo] = True
            for token in pair["e"]:
                end_gold[base + token - lo] = True
            base += hi - lo
        relevant = torch.tensor([candidate.relevant for candidate in group.candidates])
        cut_off = bool(relevant.any()) and not bool(start_gold.any())
        return group_loss(
            torch.stack([row[0] for row in rows]),
            starts,
            ends,
            torch.ones_like(start_gold),
            relevant,
            start_gold,
            end_gold,
            has_spans=group.has_spans and not cut_off,
        )


def learning_rate(done: float, peak: float) -> float:
    """The rate after a share `done` of the training: linear warm-up, then linear decay."""
    if done < WARMUP:
        return peak * done / WARMUP
    return peak * max(0.02, (1 - done) / (1 - WARMUP))


def train(
    data: Path,
    output: Path,
    *,
    general: int,
    passes: int,
    share: float,
    fresh: int,
    start: Path | None,
    peak: float,
    save_every_s: float,
    threads: int,
) -> None:
    """Train to the end of the curriculum, resuming at the last checkpoint in `output`.

    Without one, training begins at the weights of the checkpoint `start`, else at MiniLM's.
    """
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    model = ReaderModel(minilm_folder())
    if start:
        model.load_state_dict(torch.load(start, weights_only=True)["model"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.01, fused=True)
    groups = curriculum(data, general, passes, share, fresh)
    log.info("%d groups, %d sequences", len(groups), sum(len(g.candidates) for g in groups))
    checkpoint, first = output / "checkpoint.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["next"]
    batcher, started, last_save, sequences = Batcher(), time.monotonic(), time.monotonic(), 0
    losses: list[float] = []
    model.train()
    for step, (following, batch) in enumerate(batcher.batches(groups, first)):
        for part in optimizer.param_groups:
            part["lr"] = learning_rate(following / len(groups), peak)
        loss = batcher.loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        sequences += sum(len(group.candidates) for group in batch)
        if step % 20 == 19:
            rate = sequences / (time.monotonic() - started)
            mean = sum(losses[-20:]) / 20
            log.info("%d/%d loss %.3f %.1f seq/s", following, len(groups), mean, rate)
        if time.monotonic() - last_save > save_every_s:
            save(output, model, optimizer, following)
            last_save = time.monotonic()
    save(output, model, optimizer, len(groups))
    (output / "done.json").write_text(json.dumps({"groups": len(groups), "losses": losses[-50:]}))


def save(output: Path, model: Any, optimizer: Any, following: int) -> None:
    """Write the checkpoint under another name first, so that a kill leaves the last one whole."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "next": following}
    torch.save(state, output / "checkpoint.tmp")
    (output / "checkpoint.tmp").replace(output / "checkpoint.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/reader"))
    parser.add_argument("--output", type=Path, default=Path("runs/reader"))
    parser.add_argument("--general", type=int, default=3000, help="general questions to begin with")
    parser.add_argument("--passes", type=int, default=2, help="over quiz and project questions")
    parser.add_argument("--share", type=float, default=1.0, help="of their questions in a pass")
    parser.add_argument("--fresh", type=int, default=0, help="last written questions, all taken")
    parser.add_argument("--start", type=Path, help="checkpoint whose weights to begin with")
    parser.add_argument("--peak", type=float, default=PEAK_LR, help="highest learning rate")
    parser.add_argument("--save-every-s", type=float, default=240)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(
        chosen.data,
        chosen.output,
        general=chosen.general,
        passes=chosen.passes,
        share=chosen.share,
        fresh=chosen.fresh,
        start=chosen.start,
        peak=chosen.peak,
        save_every_s=chosen.save_every_s,
        threads=chosen.threads,
    )


if __name__ == "__main__":
    main()
