"""A question-answering assistant over news archives: every answer quoted from a dated article.

The public names are imported on first use: `import assistant` loads no model, index or page,
writes nothing and reaches nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.answering.assistant import Assistant
    from assistant.archive.archive import Archive
    from assistant.articles import load_articles
    from assistant.retrieval.retriever import NewsRetriever
    from assistant.settings import Settings, load_settings
    from assistant.types import Answer, Article, Citation, Filters, Passage, Query, Turn

_HOMES = {
    "Answer": "assistant.types",
    "Archive": "assistant.archive.archive",
    "Article": "assistant.types",
    "Assistant": "assistant.answering.assistant",
    "Citation": "assistant.types",
    "Filters": "assistant.types",
    "NewsRetriever": "assistant.retrieval.retriever",
    "Passage": "assistant.types",
    "Query": "assistant.types",
    "Settings": "assistant.settings",
    "Turn": "assistant.types",
    "load_articles": "assistant.articles",
    "load_settings": "assistant.settings",
}

__all__ = [
    "Answer",
    "Archive",
    "Article",
    "Assistant",
    "Citation",
    "Filters",
    "NewsRetriever",
    "Passage",
    "Query",
    "Settings",
    "Turn",
    "load_articles",
    "load_settings",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'assistant' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
