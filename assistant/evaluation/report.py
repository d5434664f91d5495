"""A run as one page that opens offline: figures, curves, and every question to look at.

In: a run's folder (`metrics.json`, `predictions.jsonl`). Out: `report.html` in it.
Refuses to know: how the figures came about.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.evaluation.metrics import Scores
from assistant.evaluation.pages import (
    BROWSER,
    curve,
    data_block,
    page_start,
    percent,
    table,
)
from assistant.evaluation.questions import json_lines

_SHOWN_PASSAGES = 5
_HEADLINE = (
    "hit@10", "mrr@10", "answer_string@10", "exact_match", "f1", "contains", "accuracy", "answered",
    "crag", "abstention_precision", "abstention_recall", "abstention_f1", "citation_verbatim",
    "citation_precision", "citation_recall",
)  # fmt: skip
_RANKINGS = {
    "passages": "", "articles": "article_", "dense": "dense.", "lexical": "lexical.",
    "fused": "fused.", "reader": "reader.",
}  # fmt: skip
_RETRIEVAL = (
    "hit@1", "hit@3", "hit@5", "hit@10", "hit@20", "recall@5", "recall@10", "recall@20", "mrr@10",
    "map@10", "ndcg@10", "answer_string@1", "answer_string@5", "answer_string@10",
    "answer_string@20",
)  # fmt: skip
_BY_KIND = (
    "hit@10", "mrr@10", "answer_string@10", "exact_match", "f1", "contains", "accuracy", "crag",
    "abstention_recall", "citation_precision", "citation_recall",
)  # fmt: skip
_SHOWS = (
    ("all", "all"), ("wrong", "wrong"), ("missed", "evidence not found"),
    ("abstained", "abstained"), ("failed", "failed"), ("right", "right"),
)  # fmt: skip
_DETAIL = """
function detail(row) {
  const box = el("div");
  for (const turn of row.history) {
    box.append(el("p", `Earlier: ${turn.question} — ${turn.answer}`, "quiet"));
  }
  note(box, "Answer", row.abstained ? "(abstained)" : row.answer);
  note(box, "Text", row.text);
  note(box, "Error", row.error);
  note(box, "Accepted", row.answers.join(" · ") || "(none: abstaining is right)");
  note(box, "About the question", row.note);
  for (const gold of row.evidence) {
    const head = el("p", "Gold: ", "quiet");
    head.append(link(gold.url, gold.url));
    box.append(head, marked(gold.quote, []));
  }
  for (const one of row.citations) {
    const head = el("p");
    head.append(el("b", `[${one.number}] `), link(one.url, one.title), " ",
      [one.publisher, one.published_at].filter(Boolean).join(", "));
    box.append(head, marked(one.quote, [[0, one.quote.length]]));
  }
  row.passages.forEach((one, index) => {
    const head = el("p", `${index + 1}. `, "quiet");
    head.append(link(one.url, one.title));
    box.append(head, marked(one.text, one.marks));
  });
  box.append(el("p", row.facts, "quiet"));
  return box;
}
"""


def write_report(folder: Path) -> Path:
    """Write `report.html` for the run in `folder`; returns its path.

    One row is held in memory at a time. Raises SourceError where the run's files are missing.
    """
    metrics = read_metrics(folder)
    target = folder / "report.html"
    fresh = folder / "report.part"
    with fresh.open("w", encoding="utf-8") as out:
        out.write(page_start("Evaluation"))
        out.write(_facts(metrics))
        out.write("<h2>All questions</h2>\n" + _headline(metrics["overall"]))
        out.write("<h2>Retrieval, stage by stage</h2>\n" + _stages(metrics["overall"]))
        out.write("<h2>By kind</h2>\n" + _kinds(metrics))
        out.write("<h2>Risk and coverage</h2>\n" + _risk(metrics["risk_coverage"]))
        out.write("<h2>Time to answer</h2>\n" + _latency(metrics["latency_ms"]))
        out.write("<h2>Questions</h2>\n")
        out.writelines(data_block(_rows(folder / "predictions.jsonl")))
        out.write(BROWSER + _DETAIL + f"start({json.dumps(_SHOWS)});\n</script></body></html>\n")
    fresh.replace(target)
    return target


def read_metrics(folder: Path) -> dict[str, Any]:
    """The figures of a finished or interrupted run."""
    path = folder / "metrics.json"
    try:
        metrics = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path}: cannot be read ({error}). Name the --output folder of an evaluate run."
        ) from error
    if not isinstance(metrics, dict) or "overall" not in metrics:
        raise SourceError(
            f"{path} holds no figures: the run was cut off. Finish it with evaluate --resume."
        )
    return metrics


def read_scores(folder: Path) -> Iterator[tuple[dict[str, Any], Scores]]:
    """Each prediction of a run with its scores, in the order of the file."""
    for where, line in json_lines(folder / "predictions.jsonl"):
        try:
            yield dict(line), Scores(**line["scores"])
        except (KeyError, TypeError) as error:
            raise SourceError(
                f"{where}: not a prediction with its scores ({error}). Run evaluate again."
            ) from error


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line, scores in read_scores(path.parent):
        yield _row(line, scores)


def _row(line: dict[str, Any], scores: Scores) -> dict[str, Any]:
    """What the page shows of one question."""
    gold = line["gold"]
    missed = scores.has_gold and scores.gold_rank is None
    tags = ["all", "right" if scores.right else "wrong"]
    tags += [name for name, is_so in (
        ("missed", missed), ("abstained", scores.abstained), ("failed", scores.error)
    ) if is_so]  # fmt: skip
    citations = line.get("citations", [])
    return {
        "id": line["id"],
        "kind": gold["kind"],
        "question": gold["question"],
        "history": gold["history"],
        "answers": gold["answers"],
        "evidence": gold["evidence"],
        "note": gold["note"],
        "answer": line.get("answer", ""),
        "text": line.get("text", ""),
        "abstained": scores.abstained,
        "error": line.get("error", ""),
        "verdict": ("right" if scores.right else "wrong") + (
            ", abstained" if scores.abstained else ", failed" if scores.error else ""
        ),
        "good": scores.right,
        "tags": tags,
        "citations": [
            {name: one[name] for name in
             ("number", "quote", "url", "title", "publisher", "published_at")}
            for one in citations
        ],
        "passages": [
            {"url": one["url"], "title": one["title"], "text": one["text"],
             "marks": _marks(one, citations)}
            for one in line.get("passages", [])[:_SHOWN_PASSAGES]
        ],
        "facts": (
            f"F1 {scores.f1:.2f} · confidence {scores.confidence:.2f} · first gold passage "
            f"{scores.gold_rank or '–'} · first passage with an answer {scores.string_rank or '–'}"
            f" · {scores.total_ms:.0f} ms"
        ),
    }  # fmt: skip


def _marks(passage: dict[str, Any], citations: list[dict[str, Any]]) -> list[list[int]]:
    """Where citations touch a passage, in UTF-16 units as JavaScript counts them."""
    marks = []
    for one in citations:
        start = max(one["start"], passage["start"]) - passage["start"]
        end = min(one["end"], passage["end"]) - passage["start"]
        if one["url"] == passage["url"] and start < end:
            text = passage["text"]
            marks.append([_utf16_units(text[:start]), _utf16_units(text[:end])])
    return sorted(marks)


def _utf16_units(text: str) -> int:
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)


def _facts(metrics: dict[str, Any]) -> str:
    archive = metrics["archive"]
    lines = [
        f"{metrics['questions']} questions, {metrics['answerable']} of them answerable, "
        f"{metrics['failed']} failed; {archive['articles']} articles, {archive['passages']} "
        f"passages. Run at {metrics['time']}.",
        metrics["command"],
    ]
    if not metrics["complete"]:
        lines.insert(0, "This run was interrupted: the figures are those of the questions asked.")
    if metrics["gold_quotes_not_in_archive"]:
        lines.append(
            f"{metrics['gold_quotes_not_in_archive']} of {metrics['gold_quotes']} gold quotes are "
            "not in the archive and count as not found."
        )
    return "".join(f'<p class="quiet">{html.escape(line)}</p>\n' for line in lines)


def _headline(figures: dict[str, Any]) -> str:
    shown = ((name, figures[name]) for name in _HEADLINE if name in figures)
    rows = ((name, percent(figure), figure["n"]) for name, figure in shown)
    return table(("figure", "% (95 % interval)", "questions"), rows)


def _stages(figures: dict[str, Any]) -> str:
    names = [name for name in _RETRIEVAL if any(p + name in figures for p in _RANKINGS.values())]
    rows = (
        (label, *(percent(figures.get(prefix + name)) for name in names))
        for label, prefix in _RANKINGS.items()
        if any(prefix + name in figures for name in names)
    )
    return table(("ranking", *names), rows) if names else ""


def _kinds(metrics: dict[str, Any]) -> str:
    kinds = metrics["by_kind"]
    names = [name for name in _BY_KIND if any(name in figures for figures in kinds.values())]
    rows = (
        (kind, figures["answered"]["n"], *(percent(figures.get(name)) for name in names))
        for kind, figures in kinds.items()
    )
    return table(("kind", "questions", *names), rows)


def _risk(risk: dict[str, Any]) -> str:
    if not risk["area"]:
        return ""
    area = risk["area"]
    label = f"Area {area['value']:.3f} ({area['low']:.3f}–{area['high']:.3f}), lower is better."
    return f"<p>{label}</p>\n" + curve(risk["points"], f"Risk-coverage curve. {label}")


def _latency(latency: dict[str, Any]) -> str:
    rows = (
        (name, f"{one['value']:.0f} ms ({one['low']:.0f}–{one['high']:.0f})")
        for name, one in latency.items()
    )
    return table(("", "time (95 % interval)"), rows)
