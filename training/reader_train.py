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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from assistant.answering.reader import MOST_HEADER_TOKENS
from assistant.archive.embedding import minilm_folder
from training.reader_data import (
    Candidate,
    Group,
    conversation_groups,
    desk_groups,
    general_groups,
    news_groups,
    polar_groups,
    quiz_groups,
    written_groups,
)
from training.reader_model import ReaderModel, group_loss

log = logging.getLogger("training.reader")

MAX_TOKENS, MAX_QUESTION_TOKENS = 288, 64
CLS, SEP = 101, 102
BATCH_SEQUENCES = 32
# oneDNN compiles bfloat16 kernels for every new width, which halved the speed; eight parts of a
# batch with their own width are a third faster than three with steps of 32 (docs/decisions.md).
_WIDTH_STEP, _PARTS = 16, 8
PEAK_LR, WARMUP = 8e-5, 0.06
SEED = 20261124


def curriculum(
    folder: Path,
    general: int,
    passes: int,
    share: float,
    fresh: int = 0,
    fresh_written: int = 0,
    *,
    polar: bool = False,
) -> list[Group]:
    """All groups in the order in which they are learnt.

    Each pass takes a random `share` of all but the general questions, with negatives of its own,
    all of the last `fresh` desk questions, of the last `fresh_written` written ones and, where
    asked for, all yes/no questions; the general questions are shared out over the passes, each in
    the first half of its pass.
    """
    rng = random.Random(SEED)
    reading = general_groups(folder, general, SEED)
    plan: list[Group] = []
    for number in range(passes):
        seed = SEED + number
        old_desk, new_desk = _apart(desk_groups(folder, seed), fresh)
        old_written, new_written = _apart(written_groups(folder, seed), fresh_written)
        news = quiz_groups(folder, seed) + old_written + old_desk
        news += news_groups(folder, seed) + conversation_groups(folder, seed)
        rng.shuffle(news)
        news = news[: round(share * len(news))] + new_written + new_desk
        news += polar_groups(folder, seed) if polar else []
        rng.shuffle(news)
        half = len(news) // 2
        first = reading[number::passes] + news[:half]
        rng.shuffle(first)
        plan += first + news[half:]
    return plan


def _apart(groups: list[Group], last: int) -> tuple[list[Group], list[Group]]:
    """All but the last groups, and those."""
    known = max(len(groups) - last, 0)
    return groups[:known], groups[known:]


class Batcher:
    """Turns groups into padded tensors of about 32 sequences, similar lengths together."""

    def __init__(self) -> None:
        self.tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        # Only with instructions for it: without, it is slower than single precision.
        self.bfloat16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())

    def encode(
        self, question: str, candidate: Candidate, *, anywhere: bool = False
    ) -> dict[str, Any]:
        """Ids, types, legal span tokens and gold start and end tokens of one pair.

        `anywhere`: a span may start and end anywhere inside a gold one.
        """
        asked = self.tokenizer.encode(question, add_special_tokens=False).ids[:MAX_QUESTION_TOKENS]
        header = self.tokenizer.encode(candidate.header, add_special_tokens=False).ids
        header = header[:MOST_HEADER_TOKENS]
        text = self.tokenizer.encode(candidate.text, add_special_tokens=False)
        lead = [CLS, *asked, SEP]
        at = len(lead) + len(header)
        kept = text.ids[: MAX_TOKENS - at - 1]
        offsets = text.offsets[: len(kept)]
        starts, ends = [], []
        for start, end in candidate.spans:
            inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
            if anywhere:
                starts += [at + i for i in inside]
                ends += [at + i for i in inside]
            elif inside and offsets[inside[-1]][1] >= end:
                starts.append(at + inside[0])
                ends.append(at + inside[-1])
        ids = [*lead, *header, *kept, SEP]
        types = [0] * len(lead) + [1] * (len(ids) - len(lead))
        return {"ids": ids, "types": types, "body": (at, at + len(kept)), "s": starts, "e": ends}

    def batches(self, groups: Sequence[Group], first: int) -> Iterator[tuple[int, list[Group]]]:
        """(index after the batch, its groups), from group number `first` on."""
        batch: list[Group] = []
        for index in range(first, len(groups)):
            batch.append(groups[index])
            if sum(len(group.candidates) for group in batch) >= BATCH_SEQUENCES:
                yield index + 1, batch
                batch = []
        if batch:
            yield len(groups), batch

    def loss(self, model: ReaderModel, batch: list[Group]) -> torch.Tensor:
        """Mean group loss of a batch."""
        pairs = [
            self.encode(group.question, candidate, anywhere=group.settling)
            for group in batch
            for candidate in group.candidates
        ]
        order = np.argsort([len(pair["ids"]) for pair in pairs], kind="stable")
        rows: dict[int, tuple[torch.Tensor, ...]] = {}
        for part in np.array_split(order, min(_PARTS, len(order))):
            width = -(-max(len(pairs[i]["ids"]) for i in part) // _WIDTH_STEP) * _WIDTH_STEP
            ids = torch.zeros((len(part), width), dtype=torch.long)
            types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
            for row, i in enumerate(part):
                length = len(pairs[i]["ids"])
                ids[row, :length] = torch.tensor(pairs[i]["ids"])
                types[row, :length] = torch.tensor(pairs[i]["types"])
                mask[row, :length] = 1
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
                outputs = model(ids, mask, types)
            for row, i in enumerate(part):
                rows[int(i)] = tuple(output[row] for output in outputs)
        losses, at = [], 0
        for group in batch:
            members = range(at, at + len(group.candidates))
            at += len(group.candidates)
            losses.append(
                self._group_loss(group, [pairs[i] for i in members], [rows[i] for i in members])
            )
        return torch.stack(losses).mean()

    def _group_loss(
        self,
        group: Group,
        pairs: list[dict[str, Any]],
        rows: list[tuple[torch.Tensor, ...]],
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
    fresh_written: int,
    start: Path | None,
    peak: float,
    save_every_s: float,
    threads: int,
    frozen: int,
    polar: bool,
) -> None:
    """Train to the end of the curriculum, resuming at the last checkpoint in `output`.

    Without one, training begins at the weights of the checkpoint `start`, else at MiniLM's. Exits
    where the checkpoint is of a curriculum of another length: its place would be another's.
    """
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    model = ReaderModel(minilm_folder())
    if start:
        model.load_state_dict(torch.load(start, weights_only=True)["model"])
    if frozen:
        model.freeze(frozen)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=peak, weight_decay=0.01, fused=True)
    groups = curriculum(data, general, passes, share, fresh, fresh_written, polar=polar)
    log.info("%d groups, %d sequences", len(groups), sum(len(g.candidates) for g in groups))
    checkpoint, first = output / "checkpoint.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if saved.get("groups") != len(groups):
            raise SystemExit(
                f"{checkpoint} is of {saved.get('groups')} groups, these arguments and data give "
                f"{len(groups)}. Give the same ones, or another --output."
            )
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
            save(output, model, optimizer, following, len(groups))
            last_save = time.monotonic()
    save(output, model, optimizer, len(groups), len(groups))
    (output / "done.json").write_text(json.dumps({"groups": len(groups), "losses": losses[-50:]}))


def save(output: Path, model: Any, optimizer: Any, following: int, groups: int) -> None:
    """Write the checkpoint under another name first, so that a kill leaves the last one whole."""
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "next": following,
        "groups": groups,
    }
    torch.save(state, output / "checkpoint.tmp")
    (output / "checkpoint.tmp").replace(output / "checkpoint.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/reader"))
    parser.add_argument("--output", type=Path, default=Path("runs/reader"))
    parser.add_argument("--general", type=int, default=3000, help="general questions to begin with")
    parser.add_argument("--passes", type=int, default=2, help="over all other questions")
    parser.add_argument("--share", type=float, default=1.0, help="of them in a pass")
    parser.add_argument("--fresh", type=int, default=0, help="last desk questions, all taken")
    parser.add_argument("--fresh-written", type=int, default=0, help="last written ones, likewise")
    parser.add_argument("--start", type=Path, help="checkpoint whose weights to begin with")
    parser.add_argument("--peak", type=float, default=PEAK_LR, help="highest learning rate")
    parser.add_argument("--save-every-s", type=float, default=240)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--polar", action="store_true", help="add the yes/no questions")
    parser.add_argument("--frozen", type=int, default=0, help="first layers that are not trained")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(
        chosen.data,
        chosen.output,
        general=chosen.general,
        passes=chosen.passes,
        share=chosen.share,
        fresh=chosen.fresh,
        fresh_written=chosen.fresh_written,
        start=chosen.start,
        peak=chosen.peak,
        save_every_s=chosen.save_every_s,
        threads=chosen.threads,
        frozen=chosen.frozen,
        polar=chosen.polar,
    )


if __name__ == "__main__":
    main()
