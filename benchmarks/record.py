"""Put a run's figures into the table of docs/benchmarks.md, with their command and date.

In: run folders of `news-assistant evaluate`, as NAME=FOLDER or FOLDER. Out: docs/benchmarks.md
and, with --curve, the risk-coverage curve of the first as an image beside it.
    python -m benchmarks.record newsdesk-dev=runs/newsdesk-dev
Refuses to know: how figures come about. Only the lines between the two markers are touched; a row
stands there until a run of the same name replaces it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.evaluation.pages import curve, percent
from assistant.evaluation.report import read_metrics

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_START, _END = "<!-- runs: written by benchmarks.record -->", "<!-- end of runs -->"
_FIGURES = (
    "hit@10", "mrr@10", "answer_string@10", "exact_match", "f1", "accuracy", "crag",
    "abstention_f1", "citation_verbatim", "citation_precision",
)  # fmt: skip
_ROW = re.compile(r"^\| ([^|]+?) \|")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record")
    parser.add_argument("runs", nargs="+", help="NAME=FOLDER, or a folder named like its set")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--curve", type=Path, help="write the first run's curve to this SVG file")
    chosen = parser.parse_args()
    page = chosen.page.read_text("utf-8")
    for run in chosen.runs:
        name, _, folder = run.rpartition("=")
        place = Path(folder)
        page = with_row(page, name or place.name, read_metrics(place))
    chosen.page.write_text(page, "utf-8")
    if chosen.curve:
        chosen.curve.parent.mkdir(parents=True, exist_ok=True)
        first = Path(chosen.runs[0].rpartition("=")[2])
        chosen.curve.write_text(risk_image(read_metrics(first)), "utf-8")


def risk_image(metrics: Mapping[str, Any]) -> str:
    """The run's risk-coverage curve as an SVG file that stands by itself, dark on white."""
    drawn = curve(metrics["risk_coverage"]["points"], "Risk-coverage curve").strip()
    opening, _, rest = drawn.partition(">")
    page = '<rect width="100%" height="100%" fill="white"/>'
    style = 'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="11"'
    return f'{opening} {style} color="#222">{page}{rest}\n'


def with_row(page: str, name: str, metrics: Mapping[str, Any]) -> str:
    """The page with the run's row put in or replaced, rows in the order of their names."""
    before, found, rest = page.partition(_START)
    table, closed, after = rest.partition(_END)
    if not found or not closed:
        raise SystemExit(f"The page lacks the lines {_START} and {_END}.")
    rows = {m[1]: line for line in table.splitlines() if (m := _ROW.match(line))}
    rows.pop("set", None)
    rows[name] = _row(name, metrics)
    head = ["set", "questions", *_FIGURES, "AURC", "median / p95 ms", "date", "command"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [rows[key] for key in sorted(rows)]
    return before + _START + "\n" + "\n".join(lines) + "\n" + _END + after


def _row(name: str, metrics: Mapping[str, Any]) -> str:
    latency, area = metrics["latency_ms"], metrics["risk_coverage"]["area"]
    cells = [name, str(metrics["questions"])]
    cells += [percent(metrics["overall"].get(figure)) for figure in _FIGURES]
    cells.append(f"{area['value']:.3f} ({area['low']:.3f}–{area['high']:.3f})" if area else "–")
    cells.append(f"{latency['median']['value']:.0f} / {latency['p95']['value']:.0f}")
    cells += [metrics["time"][:10], f"`{_short_command(metrics['command'])}`"]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _short_command(command: str) -> str:
    """The command without the folder that its program stands in."""
    program, _, rest = command.partition(" ")
    return f"{Path(program).name} {rest}"


if __name__ == "__main__":
    main()
