"""Make question sets out of the follow-ups and hasty questions written about newsdesk-train.

Run: python -m training.dev_questions --output runs/newsdesk-train

Writes `follow-ups.jsonl` and `hasty.jsonl` for `news-assistant evaluate`, from
`questions/follow-ups.tsv` and `questions/hasty.tsv`: article, kind, question, start and end of the
answer in the article (empty where the archive does not say it), then the turns before, question
and answer in turn; `@start:end` is a sentence of the article, or of the one whose address
follows. The reader was trained on these articles, not on these questions: compare variants with
them, quote no figure of theirs as what another archive would give.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from assistant.sentences import enclosing_sentences

QUESTIONS = Path(__file__).parent / "questions"
SETS = ("follow-ups", "hasty")


def rows_of(name: str) -> list[list[str]]:
    """The fields of each line of a file in `questions`."""
    lines = (QUESTIONS / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines]


def question_set(name: str, texts: dict[str, str]) -> list[dict[str, Any]]:
    """The questions of one file in the form of docs/evaluation.md; `texts` by article address."""
    records = []
    for number, row in enumerate(rows_of(f"{name}.tsv")):
        url, kind, question, start, end, *said = row
        answers, evidence = [], []
        if start:
            text = texts[url]
            span = enclosing_sentences(text, int(start), int(end))
            answers = [text[int(start) : int(end)]]
            evidence = [{"url": url, "quote": text[span.start : span.end]}]
        told = [_told(answer, texts, url) for answer in said[1::2]]
        records.append(
            {
                "id": f"{name}-{number}",
                "kind": kind,
                "question": question,
                "answers": answers,
                "evidence": evidence,
                "history": [
                    {"question": asked, "answer": answer}
                    for asked, answer in zip(said[::2], told, strict=True)
                ],
            }
        )
    return records


def _told(answer: str, texts: dict[str, str], url: str) -> str:
    """An earlier answer, looked up where it is a place."""
    if not answer.startswith("@"):
        return answer
    start, end, *elsewhere = answer[1:].split(":", 2)
    return " ".join(texts[elsewhere[0] if elsewhere else url][int(start) : int(end)].split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/reader"))
    parser.add_argument("--output", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    articles = chosen.data / "newsdesk-train" / "articles.jsonl.gz"
    with gzip.open(articles, "rt", encoding="utf-8") as lines:
        texts = {article["url"]: article["text"] for article in map(json.loads, lines)}
    for name in SETS:
        rows = [json.dumps(record, ensure_ascii=False) for record in question_set(name, texts)]
        (chosen.output / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
