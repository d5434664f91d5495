"""The articles that a published question set brings along, for sets that are their own archive.

In: a SQuAD file, a BEIR folder or corpus, MultiHop-RAG's corpus.json. Out: Articles whose urls are
those of the questions' evidence. Refuses to know: archives, questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.evaluation.formats import beir_url, read_json, squad_paragraphs
from assistant.evaluation.questions import json_lines, text_field
from assistant.types import Article


def set_articles(place: Path) -> Iterator[Article]:
    """The articles at `place`, in its order; raises SourceError for an unknown format."""
    corpus = place / "corpus.jsonl" if place.is_dir() else place
    if corpus.name.startswith("corpus.jsonl"):
        for where, fields in json_lines(corpus):
            text_field(fields, "_id", where)
            text = text_field(fields, "text", where)
            yield Article(beir_url(fields), str(fields.get("title") or ""), text)
        return
    content = read_json(corpus)
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        for url, title, paragraph in squad_paragraphs(content["data"], corpus):
            yield Article(url, title.replace("_", " "), paragraph["context"])
    elif isinstance(content, list):
        for number, fields in enumerate(content):
            yield _multihop_article(fields, f"{corpus}: [{number}]")
    else:
        raise SourceError(f"{corpus}: not the articles of SQuAD, BEIR or MultiHop-RAG.")


def _multihop_article(fields: Any, where: str) -> Article:
    if not isinstance(fields, dict):
        raise SourceError(f"{where}: must be an object with url, title and body.")
    published = fields.get("published_at")
    try:
        at = datetime.fromisoformat(str(published)) if published else None
    except ValueError:
        raise SourceError(
            f"{where}: published_at is not an ISO date ({published!r:.80})."
        ) from None
    return Article(
        url=text_field(fields, "url", where),
        title=text_field(fields, "title", where),
        text=text_field(fields, "body", where),
        published_at=at.replace(tzinfo=UTC) if at and at.tzinfo is None else at,
        publisher=fields.get("source") or None,
        authors=(fields["author"],) if fields.get("author") else (),
        date_only=False,
    )
