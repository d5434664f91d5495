"""Two runs beside each other: what was fixed, what broke, and whether the difference is chance.

In: two run folders. Out: a Comparison, lines for the terminal, one offline page.
Refuses to know: how the runs were made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.evaluation.metrics import Scores
from assistant.evaluation.pages import BROWSER, data_block, page_start, table
from assistant.evaluation.report import read_metrics, read_scores
from assistant.evaluation.statistics import Difference, paired_difference

_SIGNIFICANT = 0.05
_FIGURES: Mapping[str, tuple[Callable[[Scores], float], Callable[[Scores], bool]]] = {
    "accuracy": (lambda s: s.right, lambda s: s.judged),
    "exact_match": (lambda s: s.exact, lambda s: s.answerable),
    "f1": (lambda s: s.f1, lambda s: s.answerable),
    "crag": (lambda s: s.crag, lambda s: s.judged),
    "hit@10": (lambda s: s.retrieval.get("hit@10", 0.0), lambda s: s.has_gold),
    "mrr@10": (lambda s: s.retrieval.get("mrr@10", 0.0), lambda s: s.has_gold),
}
_SHOWS = (
    ("changed", "changed"), ("fixed", "fixed"), ("broken", "broken"),
    ("found", "evidence now found"), ("lost", "evidence now lost"), ("all", "all"),
)  # fmt: skip
_DETAIL = """
function detail(row) {
  const box = el("div");
  note(box, "Accepted", row.answers);
  note(box, "A", row.a);
  note(box, "B", row.b);
  return box;
}
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run B against run A over the questions that both asked.

    `fixed`: wrong in A, right in B; `broken`: the other way round; `found` and `lost` the same for
    gold evidence among the first ten passages. `rows` hold what the page shows.
    """

    a: Path
    b: Path
    differences: Mapping[str, Difference]
    fixed: tuple[str, ...]
    broken: tuple[str, ...]
    found: tuple[str, ...]
    lost: tuple[str, ...]
    only_a: int
    only_b: int
    warnings: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "a": str(self.a),
            "b": str(self.b),
            "differences": {name: one.to_json() for name, one in self.differences.items()},
            "fixed": list(self.fixed),
            "broken": list(self.broken),
            "found": list(self.found),
            "lost": list(self.lost),
            "only_a": self.only_a,
            "only_b": self.only_b,
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """The comparison in words, for a terminal."""
        lines = [f"A {self.a}", f"B {self.b}", *(f"Note: {text}" for text in self.warnings)]
        lines += [
            f"{name:12} {100 * one.a:6.1f} → {100 * one.b:6.1f}  "
            f"{100 * (one.b - one.a):+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f}), "
            f"p={one.p:.3f}{' significant' if one.p < _SIGNIFICANT else ''}, n={one.n}"
            for name, one in self.differences.items()
        ]
        for label, ids in (
            ("fixed", self.fixed),
            ("broken", self.broken),
            ("evidence now found", self.found),
            ("evidence now lost", self.lost),
        ):
            lines.append(f"{label}: {len(ids)}{' – ' if ids else ''}{', '.join(ids)}")
        return lines


def compare(run_a: Path, run_b: Path, *, seed: int = 0) -> Comparison:
    """Compare two runs question by question; raises SourceError where they share none."""
    warnings = _warnings(read_metrics(run_a), read_metrics(run_b))
    before = {line["id"]: (_shown(line), scores) for line, scores in read_scores(run_a)}
    after = {line["id"]: (_shown(line), scores) for line, scores in read_scores(run_b)}
    shared = [name for name in before if name in after]
    if not shared:
        raise SourceError(f"{run_a} and {run_b} share no question. Compare runs of one set.")
    pairs = [(before[name][1], after[name][1]) for name in shared]
    differences = {}
    for name, (value, counts) in _FIGURES.items():
        counted = [(a, b) for a, b in pairs if counts(a)]
        if counted:
            differences[name] = paired_difference(
                [value(a) for a, _ in counted], [value(b) for _, b in counted], seed
            )
    fixed = tuple(a.id for a, b in pairs if b.right and not a.right)
    broken = tuple(a.id for a, b in pairs if a.right and not b.right)
    found = tuple(a.id for a, b in pairs if _hit(b) and not _hit(a))
    lost = tuple(a.id for a, b in pairs if _hit(a) and not _hit(b))
    tags = {"fixed": set(fixed), "broken": set(broken), "found": set(found), "lost": set(lost)}
    return Comparison(
        a=run_a,
        b=run_b,
        differences=differences,
        fixed=fixed,
        broken=broken,
        found=found,
        lost=lost,
        only_a=len(before) - len(shared),
        only_b=len(after) - len(shared),
        warnings=warnings,
        rows=tuple(_row(name, before[name][0], after[name][0], tags) for name in shared),
    )


def write_comparison(comparison: Comparison, target: Path) -> None:
    """Write the comparison as one page that opens offline."""
    with target.open("w", encoding="utf-8") as out:
        out.write(page_start("Comparison of two runs"))
        facts = [[text] for text in comparison.lines()[: 2 + len(comparison.warnings)]]
        out.write(table(("runs",), facts))
        head = ("figure", "A %", "B %", "difference (95 % interval)", "p", "questions")
        out.write(table(head, (_difference_cells(*one) for one in comparison.differences.items())))
        out.write(
            f"<p>{len(comparison.fixed)} fixed, {len(comparison.broken)} broken; evidence found "
            f"for {len(comparison.found)} more and lost for {len(comparison.lost)}.</p>\n"
        )
        out.writelines(data_block(comparison.rows))
        out.write(BROWSER + _DETAIL + f"start({json.dumps(_SHOWS)});\n</script></body></html>\n")


def _difference_cells(name: str, one: Difference) -> tuple[object, ...]:
    change = 100 * (one.b - one.a)
    return (
        name,
        f"{100 * one.a:.1f}",
        f"{100 * one.b:.1f}",
        f"{change:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f})",
        f"{one.p:.3f}",
        one.n,
    )


def _warnings(a: dict[str, Any], b: dict[str, Any]) -> tuple[str, ...]:
    """What else differs between the runs, so that a change is not put down to the wrong cause."""
    said = {
        "questions_sha256": "the runs asked different question sets; shared ids are compared",
        "archive_fingerprint": "the archives differ",
        "asked": "abstention or filter inference differs",
    }
    found = [text for name, text in said.items() if a.get(name) != b.get(name)]
    found += [f"run {n} was interrupted" for n, one in (("A", a), ("B", b)) if not one["complete"]]
    return tuple(found)


def _hit(scores: Scores) -> bool:
    return scores.retrieval.get("hit@10", 0.0) > 0


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    answer = line.get("answer") or line.get("error") or "(abstained)"
    gold = line["gold"]
    return {
        "kind": gold["kind"],
        "question": gold["question"],
        "answers": " · ".join(gold["answers"]) or "(none: abstaining is right)",
        "said": f"{answer} — {line.get('text', '')}",
    }


def _row(
    name: str, a: dict[str, Any], b: dict[str, Any], tags: Mapping[str, set[str]]
) -> dict[str, Any]:
    mine = [tag for tag, ids in tags.items() if name in ids]
    return {
        "id": name,
        "kind": a["kind"],
        "question": a["question"],
        "answers": a["answers"],
        "a": a["said"],
        "b": b["said"],
        "verdict": ", ".join(mine) or "same",
        "good": not {"broken", "lost"} & set(mine),
        "tags": ["all", *mine, *(["changed"] if mine else [])],
    }
