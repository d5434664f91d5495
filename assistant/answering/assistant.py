"""The one pipeline: a question in, an Answer out, with the events on the way.

In: a question, the conversation, filters, a day. Out: events, and at last the Answer.
Refuses to know: the page, the command line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from datetime import date

from assistant.answering.extractive import NOT_IN_ARCHIVE, Draft, compose
from assistant.answering.order import compose_order, order_question
from assistant.answering.polar import compose_polar
from assistant.answering.reader import OnnxReader
from assistant.answering.speakers import denials
from assistant.archive.archive import Archive
from assistant.retrieval.query import understand
from assistant.retrieval.retriever import NewsRetriever, Search
from assistant.settings import Settings, load_settings
from assistant.types import Answer, Filters, Passage, Query, Reading, Turn
from assistant.workers import Workers


@dataclass(frozen=True, slots=True)
class Understood:
    """The question is resolved and its filters are known."""

    query: Query


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages are found and read, best first."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text; all of them together are the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole answer."""

    answer: Answer


Event = Understood | Retrieved | TextDelta | Finished


class Assistant:
    """Answers questions from one open archive. One assistant may serve several threads and loops.

    `workers` are the threads in which asynchronous callers' questions are worked on.
    """

    def __init__(
        self, archive: Archive, reader: OnnxReader, settings: Settings | None = None
    ) -> None:
        self.archive = archive
        self.settings = settings or load_settings()
        self.workers = Workers()
        self.retriever = NewsRetriever(
            archive, settings=self.settings, reader=reader, workers=self.workers
        )
        self._reader = reader
        given = self.settings.answerability_threshold
        self.threshold = reader.config.threshold if given is None else given

    @classmethod
    def open(cls, settings: Settings | None = None, *, create: bool = True) -> Assistant:
        """Open the settings' archive and load the models. Raises what Archive.open raises."""
        settings = settings or load_settings()
        archive = Archive.open(settings=settings, create=create)
        try:
            reader = OnnxReader(threads=settings.threads, budget_s=settings.read_budget_s)
            return cls(archive, reader, settings)
        except BaseException:
            archive.close()
            raise

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let questions in the workers end, then close the archive."""
        self.workers.close()
        self.archive.close()

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        as_of: date | None = None,
        *,
        infer_filters: bool = True,
        abstain: bool = True,
    ) -> Answer:
        """The answer to a question; see `stream`."""
        for event in self.stream(
            question,
            history,
            filters,
            as_of,
            infer_filters=infer_filters,
            abstain=abstain,
        ):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("a stream ends with Finished")

    async def aask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        as_of: date | None = None,
        *,
        infer_filters: bool = True,
        abstain: bool = True,
    ) -> Answer:
        """`ask` in one of the workers' threads, so that the event loop goes on.

        When it is cancelled it returns at once, and the work ends after the step it is in.
        """
        abandoned = threading.Event()

        def work() -> Answer:
            for event in self.stream(
                question,
                history,
                filters,
                as_of,
                infer_filters=infer_filters,
                abstain=abstain,
            ):
                if isinstance(event, Finished):
                    return event.answer
                if abandoned.is_set():
                    break
            raise CancelledError  # into a future that nobody awaits any more

        try:
            return await self.workers.run(work)
        finally:
            abandoned.set()

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        as_of: date | None = None,
        *,
        infer_filters: bool = True,
        abstain: bool = True,
    ) -> Iterator[Event]:
        """Understood, Retrieved, TextDelta (any number), Finished, in this order.

        `abstain=False` answers with the best there is, however weak. Raises QuestionError for a
        question that cannot be asked, SettingsError for filters that contradict each other.
        """
        started = time.perf_counter()
        query = understand(
            question,
            self.archive,
            history=history,
            filters=filters,
            as_of=as_of,
            infer_filters=infer_filters,
        )
        understood_ms = (time.perf_counter() - started) * 1000
        yield Understood(query)
        search = self.retriever.search_and_read(query)
        passages = tuple(search.passages[: self.settings.top_n])
        yield Retrieved(passages)
        with search.timed("answer"):
            confidence = self._reader.answerability(search.readings)
            draft = self._draft(query, search, confidence)
            abstained = not draft.answer or (abstain and draft.confidence < self.threshold)
            sentences = (NOT_IN_ARCHIVE,) if abstained else draft.sentences
        for number, sentence in enumerate(sentences):
            yield TextDelta(sentence if number == 0 else f" {sentence}")
        timings = {"understand": understood_ms, **search.timings_ms}
        timings["total"] = (time.perf_counter() - started) * 1000
        yield Finished(
            Answer(
                question=query.question,
                standalone_question=query.standalone_question,
                answer="" if abstained else draft.answer,
                text=" ".join(sentences),
                citations=() if abstained else draft.citations,
                passages=passages,
                filters=query.filters,
                abstained=abstained,
                confidence=draft.confidence,
                timings_ms=timings,
                notes=self._why_nothing(query, search) if abstained else draft.notes,
                candidates=tuple(search.passages),
            )
        )

    def _draft(self, query: Query, search: Search, confidence: float) -> Draft:
        """The worded answer; questions about the order of two events look each one up."""
        asked = order_question(query.standalone_question)
        if asked:

            def read(clause: str) -> list[Reading]:
                one = replace(query, standalone_question=clause)
                return self.retriever.search_and_read(one).readings

            draft = compose_order(asked, read, confidence, self.archive.article)
            if draft:
                return draft
        spoken = denials(query.standalone_question, search.readings)
        if spoken:
            return compose(spoken, confidence, self.archive.article, several=True)
        return compose_polar(
            query.standalone_question, search.readings, confidence, self.archive.article
        ) or compose(search.readings, confidence, self.archive.article)

    def _why_nothing(self, query: Query, search: Search) -> tuple[str, ...]:
        if search.passages:
            return ()
        if query.filters.combined:
            return ("No article matches the filters; remove one to search more of the archive.",)
        return ("The archive holds no articles yet.",)
