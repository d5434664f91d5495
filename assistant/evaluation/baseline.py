"""The gate: figures of the sample corpus that a change must not fall below.

In: metrics of a run, floors. Out: what is below its floor, in words.
Refuses to know: how the run was made.

`baseline.json` beside this file holds the floors: figure names of `metrics["overall"]`, or
KIND/FIGURE, with the least value. `python -m assistant.evaluation.baseline METRICS.json` raises
floors to what a run reached (less a margin); it lowers one only with --lower.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.errors import NewsAssistantError, SourceError

FLOORS = Path(__file__).with_name("baseline.json")
# Two questions of the 96 in the sample corpus: models may differ in the last bit between machines.
MARGIN = 0.02


def read_floors(path: Path = FLOORS) -> dict[str, float]:
    """The floors by figure name. Raises SourceError where the file is not a table of numbers."""
    try:
        floors = json.loads(path.read_text("utf-8"))
        return {str(name): float(least) for name, least in floors.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{path}: not a table of floors ({error}). Restore it from version control."
        ) from error


def check_floors(metrics: Mapping[str, Any], floors: Mapping[str, float]) -> list[str]:
    """One sentence for each figure below its floor or missing from the run; [] when all hold."""
    below = []
    for name, least in floors.items():
        value = _value(metrics, name)
        if value is None:
            below.append(f"{name} has a floor of {least:.3f} but the run has no such figure")
        elif value < least:
            below.append(f"{name} is {value:.3f}, below its floor of {least:.3f}")
    return below


def moved_floors(
    metrics: Mapping[str, Any], floors: Mapping[str, float], *, lower: bool
) -> dict[str, float]:
    """The floors after a run: raised where it did better, lowered only where `lower`.

    A floor is the run's value less MARGIN, rounded down to three digits; 1 for what must be 1.
    """
    moved = {}
    for name, least in floors.items():
        value = _value(metrics, name)
        reached = least if value is None else _floor_for(value)
        moved[name] = reached if lower else max(least, reached)
    return moved


def main(argv: list[str] | None = None) -> int:
    """Move the floors to a run's figures; 1 where a figure is below its floor and must not be."""
    parser = argparse.ArgumentParser(prog="python -m assistant.evaluation.baseline")
    parser.add_argument("metrics", type=Path, help="metrics.json of a run on the sample corpus")
    parser.add_argument("--floors", type=Path, default=FLOORS)
    parser.add_argument("--lower", action="store_true", help="let floors fall as well")
    parser.add_argument("--add", action="append", default=[], help="a figure to hold from now on")
    chosen = parser.parse_args(argv)
    try:
        metrics = json.loads(chosen.metrics.read_text("utf-8"))
        floors = read_floors(chosen.floors) | dict.fromkeys(chosen.add, 0.0)
    except (OSError, ValueError) as error:
        parser.error(f"cannot read {chosen.metrics}: {error}")
    except NewsAssistantError as error:
        parser.error(str(error))
    below = check_floors(metrics, floors)
    if below and not chosen.lower:
        sys.stderr.write("\n".join([*below, "No floor was moved; --lower lowers them."]) + "\n")
        return 1
    moved = moved_floors(metrics, floors, lower=chosen.lower)
    chosen.floors.write_text(json.dumps(moved, indent=2) + "\n", "utf-8")
    return 0


def _value(metrics: Mapping[str, Any], name: str) -> float | None:
    kind, _, figure = name.rpartition("/")
    figures = metrics["by_kind"].get(kind, {}) if kind else metrics["overall"]
    found = figures.get(figure)
    return float(found["value"]) if found else None


def _floor_for(value: float) -> float:
    return 1.0 if value >= 1 else math.floor(round((value - MARGIN) * 1000, 6)) / 1000


if __name__ == "__main__":
    sys.exit(main())
