"""The look of the evaluation pages: an offline HTML page around data that cannot break out.

In: a title, HTML parts, JSON rows. Out: pieces of a page. Refuses to know: what is shown.

Everything that comes from articles or questions reaches the page as JSON inside a script element
of type application/json, with "<" written as an escape, and is shown through `textContent` only.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--good:#1a7f37;--bad:#b3261e;--mark:#ffe08a}
@media(prefers-color-scheme:dark){:root{--good:#57ab5a;--bad:#ff7b72;--mark:#7a5c00}}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
details{border-bottom:1px solid var(--line);padding:.4rem 0}summary{cursor:pointer}
.good{color:var(--good)}.bad{color:var(--bad)}.quiet{opacity:.7;font-size:.9em}
mark{background:var(--mark);color:inherit}blockquote{margin:.4rem 0;padding:.2rem .8rem;
border-left:3px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
.bar{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:.8rem 0}
input,select,button{font:inherit;padding:.2rem .5rem}svg{max-width:100%;height:auto}
svg text{fill:currentColor;font-size:12px}
"""

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


def page_start(title: str) -> str:
    """Everything up to the contents of the body."""
    shown = html.escape(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{shown}</title><style>{_STYLE}</style></head>\n<body><h1>{shown}</h1>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table; every cell is escaped."""
    top = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody>'
        "</table></div>\n"
    )


def percent(figure: dict[str, Any] | None) -> str:
    """Value and interval in percent, or a dash where there is no figure."""
    if not figure:
        return "–"
    return f"{100 * figure['value']:.1f} ({100 * figure['low']:.1f}–{100 * figure['high']:.1f})"


def safe_json(value: Any) -> str:
    """JSON that can stand inside a script element, whatever text it carries."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def data_block(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A script element `rows` with the rows as one JSON array, one at a time."""
    yield '<script type="application/json" id="rows">['
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + safe_json(row)
    yield "\n]</script>\n"


def curve(points: Sequence[dict[str, float]], label: str) -> str:
    """An inline SVG of risk against coverage, both 0 to 1."""
    width, height, edge = 420, 260, 40
    across, up = width - 2 * edge, height - 2 * edge

    def place(point: dict[str, float]) -> str:
        x = edge + across * point["coverage"]
        y = height - edge - up * point["risk"]
        return f"{x:.1f},{y:.1f}"

    line = " ".join(place(point) for point in points)
    ticks = "".join(
        f'<text x="{edge + across * part:.0f}" y="{height - edge + 16}" text-anchor="middle">'
        f'{part:.0%}</text><text x="{edge - 6}" y="{height - edge - up * part + 4:.0f}" '
        f'text-anchor="end">{part:.0%}</text>'
        for part in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="{html.escape(label)}">'
        f'<path d="M{edge},{edge}V{height - edge}H{width - edge}" fill="none" '
        f'stroke="currentColor" opacity=".4"/>{ticks}'
        f'<polyline points="{line}" fill="none" stroke="#3b82f6" stroke-width="2"/>'
        f'<text x="{width / 2:.0f}" y="{height - 6}" text-anchor="middle">'
        "coverage (share answered, most confident first)</text>"
        f'<text x="{edge}" y="{edge - 12}">error rate</text></svg>\n'
    )


# Rows are drawn a page at a time, so that the page opens at once however many there are.
BROWSER = """
<div class="bar"><label>Show <select id="show"></select></label>
<label>Kind <select id="kind"></select></label>
<label>Find <input id="find" type="search"></label><span id="count" class="quiet"></span></div>
<div id="list"></div>
<div class="bar"><button id="back">Previous</button><button id="next">Next</button></div>
<script>
"use strict";
const rows = JSON.parse(document.getElementById("rows").textContent), size = 50;
const at = id => document.getElementById(id);
let first = 0, chosen = rows;
function el(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
function link(url, text) {
  if (!/^https?:\\/\\//i.test(url)) return el("span", text);
  const made = el("a", text);
  made.href = url;
  made.rel = "noreferrer noopener";
  return made;
}
function marked(text, spans) {
  const made = el("blockquote");
  let from = 0;
  for (const [start, end] of spans) {
    if (start < from) continue;
    made.append(text.slice(from, start), el("mark", text.slice(start, end)));
    from = end;
  }
  made.append(text.slice(from));
  return made;
}
function options(id, values) {
  for (const [value, text] of values) {
    const made = el("option", text);
    made.value = value;
    at(id).append(made);
  }
}
function note(box, label, text) {
  if (!text) return;
  const made = el("p");
  made.append(el("b", label + ": "), text);
  box.append(made);
}
function draw() {
  at("list").replaceChildren();
  for (const row of chosen.slice(first, first + size)) {
    const made = el("details"), head = el("summary");
    head.append(el("span", row.verdict, row.good ? "good" : "bad"), " ",
      el("span", row.id + " · " + row.kind, "quiet"), " ", row.question);
    made.append(head);
    made.addEventListener("toggle", () => {
      if (made.open && made.childElementCount === 1) made.append(detail(row));
    });
    at("list").append(made);
  }
  const last = Math.min(first + size, chosen.length);
  at("count").textContent = last ? `${first + 1}–${last} of ${chosen.length}` : "none";
  at("back").disabled = first === 0;
  at("next").disabled = last >= chosen.length;
}
function choose() {
  const show = at("show").value, kind = at("kind").value;
  const find = at("find").value.toLowerCase();
  chosen = rows.filter(row => row.tags.includes(show) && (!kind || row.kind === kind)
    && (row.id + " " + row.question).toLowerCase().includes(find));
  first = 0;
  draw();
}
function start(shows) {
  options("show", shows);
  const kinds = [...new Set(rows.map(row => row.kind))].sort();
  options("kind", [["", "all"], ...kinds.map(kind => [kind, kind])]);
  for (const id of ["show", "kind"]) at(id).addEventListener("change", choose);
  at("find").addEventListener("input", choose);
  at("back").addEventListener("click", () => { first -= size; draw(); });
  at("next").addEventListener("click", () => { first += size; draw(); });
  choose();
}
"""
