"""Average the weights of checkpoints that began at the same weights.

Run: python -m training.reader_average --output runs/mean.pt runs/a.pt runs/b.pt

Legs of training that part at one point and see other data read better together than each
alone (docs/decisions.md); the mean costs nothing when it reads, two models would cost two readings.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def mean(checkpoints: list[Path]) -> dict[str, torch.Tensor]:
    """The mean of every weight. Raises KeyError where a checkpoint lacks one of the first's."""
    states = [torch.load(path, weights_only=True)["model"] for path in checkpoints]
    return {name: sum(state[name].float() for state in states) / len(states) for name in states[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    chosen = parser.parse_args()
    torch.save({"model": mean(chosen.checkpoints)}, chosen.output)


if __name__ == "__main__":
    main()
