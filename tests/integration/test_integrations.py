"""The retriever and the assistant inside other frameworks, without any language model."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from llama_index.core.schema import MetadataMode
from llama_index.core.tools import FunctionTool, RetrieverTool

from assistant.answering.assistant import Assistant
from assistant.errors import QuestionError
from assistant.types import Filters

DENIAL = "Who denied the arms sale?"


def test_the_retriever_is_a_llama_index_tool(corpus_assistant: Assistant) -> None:
    tool = RetrieverTool.from_defaults(
        corpus_assistant.retriever, name="news", description="Passages of a news archive."
    )
    for output in (tool.call(DENIAL), asyncio.run(tool.acall(DENIAL))):
        assert output.tool_name == "news"
        assert "North Korea said it has never exported weapons" in output.content
        assert (
            "https://harborwire.example/2022/09/22/north-korea-denies-arms-sale" in output.content
        )
        best = output.raw_output[0]
        stored = corpus_assistant.archive.article(best.node.metadata["article_id"])
        assert stored
        start, end = best.node.start_char_idx, best.node.end_char_idx
        assert stored.text[start:end] == best.node.get_content(MetadataMode.NONE)


def test_the_assistant_is_a_llama_index_tool(corpus_assistant: Assistant) -> None:
    def ask_news(question: str) -> str:
        """Answer a question from the news archive."""
        return corpus_assistant.ask(question).text

    async def aask_news(question: str) -> str:
        return (await corpus_assistant.aask(question)).text

    tool = FunctionTool.from_defaults(ask_news, async_fn=aask_news)
    assert tool.metadata.get_parameters_dict()["required"] == ["question"]
    called = tool.call(question=DENIAL).content
    assert called == corpus_assistant.ask(DENIAL).text
    assert asyncio.run(tool.acall(question=DENIAL)).content == called


def test_a_langchain_retriever_gives_documents_that_can_be_cited(
    corpus_assistant: Assistant,
) -> None:
    pytest.importorskip("langchain_core", reason="the langchain extra is not installed")
    from assistant.integrations.langchain import NewsLangChainRetriever

    retriever = NewsLangChainRetriever(retriever=corpus_assistant.retriever, top_n=4)
    documents = retriever.invoke(DENIAL)
    assert 0 < len(documents) <= 4
    assert asyncio.run(retriever.ainvoke(DENIAL)) == documents
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)
    for document in documents:
        metadata = document.metadata
        stored = corpus_assistant.archive.article(metadata["url"])
        assert stored
        assert stored.id == metadata["article_id"]
        assert stored.text[metadata["start"] : metadata["end"]] == document.page_content
        for part in (stored.title, stored.publisher, metadata["published_at"], stored.url):
            assert part
            assert part in metadata["citation"]
    denial = next(document for document in documents if "Harbor Wire" in str(document.metadata))
    assert denial.model_dump_json()  # a chain may send it anywhere


def test_langchain_filters_bind_and_chains_run(corpus_assistant: Assistant) -> None:
    pytest.importorskip("langchain_core", reason="the langchain extra is not installed")
    from langchain_core.runnables import RunnableLambda

    from assistant.integrations.langchain import NewsLangChainRetriever

    limited = NewsLangChainRetriever(
        retriever=corpus_assistant.retriever,
        filters=Filters(publishers=("The Meridian Post",), published_from=date(2022, 9, 1)),
        as_of=date(2022, 9, 30),
    )
    found = limited.invoke("arms sale")
    assert found
    for document in found:
        assert document.metadata["publisher"] == "The Meridian Post"
        assert "2022-09-01" <= document.metadata["published_at"] <= "2022-09-30"
    chain = limited | RunnableLambda(lambda documents: [one.metadata["url"] for one in documents])
    expected = [document.metadata["url"] for document in found]
    assert chain.batch(["arms sale"] * 3) == [expected] * 3
    with pytest.raises(QuestionError, match="empty"):
        limited.invoke(" ")
