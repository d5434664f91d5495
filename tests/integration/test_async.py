"""Asking from an event loop: the loop goes on, cancelling is quick and leaves nothing broken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from llama_index.core.schema import NodeWithScore

from assistant.answering.assistant import Assistant
from assistant.archive.archive import Archive
from assistant.articles import load_articles
from assistant.errors import QuestionError
from assistant.retrieval.retriever import NewsRetriever
from assistant.settings import Settings
from assistant.types import Filters
from tests.conftest import CORPUS

QUESTIONS = [
    "Who denied the arms sale?",
    "What is the Maui fire toll after the DNA tests?",
    "Who chairs OpenAI's new board?",
    "How much did each passenger pay for a seat on the Titan?",
]
TICK_S = 0.005
# A loop that is blocked pauses for a whole question. Native code holds Python's lock for moments
# only, but a busy machine may keep any thread waiting for some scheduler turns.
LONGEST_PAUSE = 0.5
PROMPTLY_S = 0.5

_T = TypeVar("_T")


def seconds_of_a_question(assistant: Assistant) -> float:
    """How long the quickest of a few questions keeps a caller waiting on this machine just now."""
    seconds = []
    for question in QUESTIONS:
        started = time.perf_counter()
        assistant.ask(question)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


async def longest_pause(work: Awaitable[_T]) -> tuple[_T, float, int]:
    """What `work` gives, the longest time between two ticks meanwhile, and the ticks."""
    pauses: list[float] = []

    async def tick() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.perf_counter()
            pauses.append(now - last)
            last = now

    heart = asyncio.create_task(tick())
    result = await work
    heart.cancel()
    return result, max(pauses), len(pauses)


def test_the_loop_goes_on_while_questions_are_answered(corpus_assistant: Assistant) -> None:
    blocked = seconds_of_a_question(corpus_assistant)

    async def ask() -> None:
        together = asyncio.gather(*(corpus_assistant.aask(question) for question in QUESTIONS))
        answers, pause, ticks = await longest_pause(together)
        assert ticks > 20
        assert pause < LONGEST_PAUSE * blocked
        for question, answer in zip(QUESTIONS, answers, strict=True):
            alone = corpus_assistant.ask(question)
            assert (answer.text, answer.citations) == (alone.text, alone.citations)

    asyncio.run(ask())


def test_the_loop_goes_on_while_passages_are_retrieved(corpus_assistant: Assistant) -> None:
    blocked = seconds_of_a_question(corpus_assistant)

    async def retrieve() -> list[NodeWithScore]:
        nodes, pause, _ = await longest_pause(corpus_assistant.retriever.aretrieve(QUESTIONS[0]))
        assert pause < LONGEST_PAUSE * blocked
        return nodes

    nodes = asyncio.run(retrieve())
    expected = corpus_assistant.retriever.retrieve(QUESTIONS[0])
    assert [node.node_id for node in nodes] == [node.node_id for node in expected]


def test_filters_errors_and_settings_are_those_of_ask(corpus_assistant: Assistant) -> None:
    wire = Filters(publishers=("Harbor Wire",))
    answer = asyncio.run(corpus_assistant.aask(QUESTIONS[0], filters=wire))
    assert {passage.publisher for passage in answer.passages} == {"Harbor Wire"}
    with pytest.raises(QuestionError, match="empty"):
        asyncio.run(corpus_assistant.aask(" "))


@pytest.fixture
def own_assistant(tmp_path: Path) -> Iterator[Assistant]:
    with Assistant.open(Settings(archive=tmp_path / "archive")) as assistant:
        assistant.archive.ingest(load_articles([CORPUS]))
        yield assistant


def test_cancelled_questions_let_go_at_once_and_the_next_is_answered(
    own_assistant: Assistant,
) -> None:
    async def ask() -> None:
        asked = [asyncio.create_task(own_assistant.aask(QUESTIONS[1])) for _ in range(12)]
        await asyncio.sleep(0.02)
        started = time.perf_counter()
        for task in asked:
            task.cancel()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert time.perf_counter() - started < PROMPTLY_S
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        answer = await asyncio.wait_for(own_assistant.aask(QUESTIONS[2]), 20)
        assert "Taylor" in answer.text
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(own_assistant.aask(QUESTIONS[0]), 0.001)

    asyncio.run(ask())
    own_assistant.close()  # waits for the threads of abandoned questions, then closes the files


def test_a_retriever_of_its_own_keeps_to_its_filters(own_assistant: Assistant) -> None:
    archive: Archive = own_assistant.archive
    limited = NewsRetriever(archive, filters=Filters(publishers=("The Meridian Post",)))
    for nodes in (limited.retrieve("arms sale"), asyncio.run(limited.aretrieve("arms sale"))):
        assert {node.metadata["publisher"] for node in nodes} == {"The Meridian Post"}
    limited.workers.close()
