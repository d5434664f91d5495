"""The archive as a LangChain retriever.

In: an open NewsRetriever, a query. Out: LangChain documents, best first, that can be cited.
Refuses to know: how passages are found, what a chain does with them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from assistant.retrieval.query import understand
from assistant.retrieval.retriever import NewsRetriever
from assistant.types import Filters, Passage, show_date


class NewsLangChainRetriever(BaseRetriever):
    """Retrieves passages of one open archive, for `invoke`, `ainvoke`, `batch` and chains.

    `filters`, `as_of` and `infer_filters` are those of `Assistant.ask`. Raises QuestionError for a
    query that cannot be asked, SettingsError for filters that contradict each other.
    """

    retriever: NewsRetriever = Field(exclude=True, repr=False)
    top_n: int | None = Field(None, ge=1, description="most documents; None: the settings' top_n")
    filters: Filters | None = None
    as_of: date | None = None
    infer_filters: bool = True

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 (LangChain's signature)
    ) -> list[Document]:
        return self._documents(query)

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002 (LangChain's signature)
    ) -> list[Document]:
        return await self.retriever.workers.run(self._documents, query)

    def _documents(self, query: str) -> list[Document]:
        asked = understand(
            query,
            self.retriever.archive,
            filters=self.filters,
            as_of=self.as_of,
            infer_filters=self.infer_filters,
        )
        passages = self.retriever.search(asked, top_n=self.top_n)
        return [as_document(passage) for passage in passages]


def as_document(passage: Passage) -> Document:
    """The passage as LangChain knows it; `page_content` is the article's text, word for word.

    Metadata, JSON-ready: `url`, `title`, `publisher` and `published_at` (ISO, null where undated)
    of the article, `article_id`; `start` and `end`, the characters of the article's text that the
    document is; `score`, higher is better; `citation`, a line that names the source; `copies`,
    other articles with the same words, each with `url`, `title`, `publisher`, `published_at`.
    """
    published_at = show_date(passage.published_at)
    source = (passage.title, passage.publisher, published_at or "undated", passage.url)
    copies: list[dict[str, Any]] = passage.to_json()["copies"]
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "url": passage.url,
            "title": passage.title,
            "publisher": passage.publisher,
            "published_at": published_at,
            "article_id": passage.article_id,
            "start": passage.start,
            "end": passage.end,
            "score": passage.score,
            "citation": ", ".join(part for part in source if part),
            "copies": copies,
        },
    )
