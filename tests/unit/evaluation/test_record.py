"""The table of docs/benchmarks.md is rewritten row by row, the text around it left alone."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from assistant.evaluation.statistics import Figure
from benchmarks.record import PAGE, risk_image, with_row

FIGURE = Figure(0.5, 0.25, 0.75, 4).to_json()
METRICS = {
    "questions": 4, "overall": {"hit@10": FIGURE}, "time": "2026-11-24T10:00:00+00:00",
    "command": "/x/bin/news-assistant evaluate q.jsonl", "risk_coverage": {"area": FIGURE},
    "latency_ms": {"median": FIGURE, "p95": FIGURE},
}  # fmt: skip
EMPTY = "Top\n<!-- runs: written by benchmarks.record -->\n<!-- end of runs -->\nBottom\n"


def test_rows_are_added_and_replaced() -> None:
    page = with_row(with_row(EMPTY, "b", METRICS), "a", METRICS)
    again = with_row(page, "b", {**METRICS, "questions": 9})
    rows = [line for line in again.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[:2] for row in rows[1:]] == [["| a", "4"], ["| b", "9"]]
    assert "50.0 (25.0–75.0)" in rows[1]
    assert "`news-assistant evaluate q.jsonl`" in rows[1]
    assert again.startswith("Top\n")
    assert again.endswith("\nBottom\n")


def test_a_page_without_the_markers_is_left_alone() -> None:
    with pytest.raises(SystemExit, match="lacks"):
        with_row("Top\n", "a", METRICS)


def test_the_page_has_the_markers() -> None:
    assert with_row(PAGE.read_text("utf-8"), "a", METRICS)


def test_the_curve_is_an_image_that_stands_by_itself() -> None:
    points = [{"coverage": 0.5, "risk": 0.0}, {"coverage": 1.0, "risk": 0.25}]
    image = ElementTree.fromstring(risk_image({"risk_coverage": {"points": points}}))
    line = image.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    assert line.attrib["points"] == "210.0,220.0 380.0,175.0"
