"""The gate: floors hold, rise, and fall only when told to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import SourceError
from assistant.evaluation.baseline import check_floors, main, moved_floors, read_floors

METRICS = {
    "overall": {"hit@10": {"value": 0.95}, "citation_verbatim": {"value": 1.0}},
    "by_kind": {"multi": {"hit@10": {"value": 0.5}}},
}


def test_floors_name_what_is_below_or_missing() -> None:
    assert check_floors(METRICS, {"hit@10": 0.9, "multi/hit@10": 0.5}) == []
    below = check_floors(METRICS, {"hit@10": 0.96, "temporal/hit@10": 0.1})
    assert below == [
        "hit@10 is 0.950, below its floor of 0.960",
        "temporal/hit@10 has a floor of 0.100 but the run has no such figure",
    ]


def test_floors_only_rise_unless_told() -> None:
    floors = {"hit@10": 0.8, "multi/hit@10": 0.6, "citation_verbatim": 0.9}
    risen = moved_floors(METRICS, floors, lower=False)
    assert risen == {"hit@10": 0.93, "multi/hit@10": 0.6, "citation_verbatim": 1.0}
    assert moved_floors(METRICS, floors, lower=True)["multi/hit@10"] == 0.48


def test_the_command_refuses_to_lower(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics, floors = tmp_path / "metrics.json", tmp_path / "floors.json"
    metrics.write_text(json.dumps(METRICS), "utf-8")
    floors.write_text('{"hit@10": 0.99}', "utf-8")
    assert main([str(metrics), "--floors", str(floors)]) == 1
    assert "--lower" in capsys.readouterr().err
    assert read_floors(floors) == {"hit@10": 0.99}
    added = ["--lower", "--add", "multi/hit@10"]
    assert main([str(metrics), "--floors", str(floors), *added]) == 0
    assert read_floors(floors) == {"hit@10": 0.93, "multi/hit@10": 0.48}


def test_broken_floors_are_named(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    path.write_text("[]", "utf-8")
    with pytest.raises(SourceError, match=r"floors\.json"):
        read_floors(path)


def test_the_floors_of_the_project_are_readable() -> None:
    assert all(0 <= least <= 1 for least in read_floors().values())
