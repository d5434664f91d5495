"""The one pipeline: a question in, an Answer out, with the events on the way.

In: a question, the conversation, filters, a day. Out: events, and at last the Answer.
Refuses to know: the page, the command line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

from assistant.answering.both import both_question
from assistant.answering.compare import compose_comparison, naming
from assistant.answering.comparisons import comparison
from assistant.answering.events import Event, Finished, Retrieved, TextDelta, Understood
from assistant.answering.extractive import NOT_IN_ARCHIVE, Draft, compose
from assistant.answering.language_model import load_llm
from assistant.answering.lists import names_wanted, whole_list
from assistant.answering.order import compose_order, order_question
from assistant.answering.polar import compose_parts, compose_polar
from assistant.answering.reader import OnnxReader
from assistant.answering.reports import report_questions
from assistant.answering.revisions import asks_for_earlier
from assistant.answering.several import Found, best_draft, in_turn
from assistant.answering.speakers import denials
from assistant.answering.statements import asks_for_statement, whole_statement
from assistant.archive.archive import Archive
from assistant.errors import SettingsError
from assistant.retrieval.query import (
    absent_publishers,
    absent_publishers_note,
    of_part,
    understand,
)
from assistant.retrieval.retriever import NewsRetriever, Search
from assistant.settings import Settings, load_settings
from assistant.types import Answer, Filters, Query, Reading, Turn
from assistant.workers import Workers

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.answering.generative import Writing

Mode = Literal["quotes", "written"]


__all__ = ["Assistant", "Event", "Finished", "Mode", "Retrieved", "TextDelta", "Understood"]


class Assistant:
    """Answers questions from one open archive. One assistant may serve several threads and loops.

    `workers` are the threads in which asynchronous callers' questions are worked on.
    """

    def __init__(
        self,
        archive: Archive,
        reader: OnnxReader,
        settings: Settings | None = None,
        llm: LLM | None = None,
    ) -> None:
        """`llm` takes the place of the one that the settings name.

        Raises SettingsError for language model settings or prompts that cannot be used.
        """
        self.archive = archive
        self.settings = settings or load_settings()
        self.workers = Workers()
        self.retriever = NewsRetriever(
            archive, settings=self.settings, reader=reader, workers=self.workers
        )
        self._reader = reader
        given = self.settings.answerability_threshold
        self.threshold = reader.config.threshold if given is None else given
        llm = llm or load_llm(self.settings)
        self._writer = None
        if llm:
            from assistant.answering.generative import Writer

            self._writer = Writer(llm, reader, self.settings)

    @property
    def can_write(self) -> bool:
        """Whether there is a language model, so that mode="written" may be asked for."""
        return self._writer is not None

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
        mode: Mode | None = None,
    ) -> Answer:
        """The answer to a question; see `stream`."""
        return _answer_of(
            self.stream(
                question,
                history,
                filters,
                as_of,
                infer_filters=infer_filters,
                abstain=abstain,
                mode=mode,
            )
        )

    async def aask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        as_of: date | None = None,
        *,
        infer_filters: bool = True,
        abstain: bool = True,
        mode: Mode | None = None,
    ) -> Answer:
        """`ask` in one of the workers' threads, so that the event loop goes on.

        When it is cancelled it returns at once, and the work ends after the step it is in.
        """
        abandoned = threading.Event()
        events = self.stream(
            question,
            history,
            filters,
            as_of,
            infer_filters=infer_filters,
            abstain=abstain,
            mode=mode,
        )
        try:
            return await self.workers.run(_answer_of, events, abandoned)
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
        mode: Mode | None = None,
    ) -> Iterator[Event]:
        """Understood, Retrieved, TextDelta (any number), Finished, in this order.

        `abstain=False` answers with the best there is, however weak. `mode` is "quotes", or
        "written" by the language model; by default the settings' `answers`. Whether to abstain is
        decided on the evidence, before a model is asked. Raises QuestionError for a question that
        cannot be asked, SettingsError for filters that contradict each other and for
        mode="written" without a language model.
        """
        started = time.perf_counter()
        writing = self._writing(mode)
        query = understand(
            question,
            self.archive,
            history=history,
            filters=filters,
            as_of=as_of,
            infer_filters=infer_filters,
        )
        if writing:
            standalone = writing.standalone(query.question, history)
            query = query.asking(standalone) if standalone else query
        understood_ms = (time.perf_counter() - started) * 1000
        yield Understood(query)
        parts = writing.parts(query.standalone_question) if writing else []
        asked = [query, *(query.asking(part) for part in parts)]
        searches = self._search(asked)
        search = searches[0]
        candidates = tuple(in_turn([one.passages for one in searches]))
        passages = candidates[: self.settings.top_n]
        yield Retrieved(passages)
        with search.timed("answer"):
            found = [
                self._found(one, its, abstain) for one, its in zip(asked, searches, strict=True)
            ]
            answered = best_draft(found, self.archive.article)
            abstained = answered is None
            draft = answered or found[0].draft
        pieces: Iterable[str | Draft] = (NOT_IN_ARCHIVE,) if abstained else draft.sentences
        if writing and not abstained:
            pieces = writing.answer(query.standalone_question, found, draft, self.archive.article)
        sentences: list[str] = []
        for piece in pieces:
            if isinstance(piece, Draft):
                draft = piece
                continue
            yield TextDelta(f" {piece}" if sentences else piece)
            sentences.append(piece)
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
                notes=self._why_nothing(query, search) if abstained else self._notes(query, draft),
                candidates=candidates,
            )
        )

    def _writing(self, mode: Mode | None) -> Writing | None:
        if (mode or self.settings.answers) == "quotes":
            return None
        if self._writer is None:
            raise SettingsError(
                'A written answer needs a language model: set llm and llm_model, or use "quotes".'
            )
        return self._writer.begin()

    def _search(self, queries: Sequence[Query]) -> list[Search]:
        """One search for each query, at the same time where there are several."""
        if len(queries) == 1:
            return [self.retriever.search_and_read(queries[0])]
        with ThreadPoolExecutor(len(queries), thread_name_prefix="search") as pool:
            return list(pool.map(self.retriever.search_and_read, queries))

    def _found(self, query: Query, search: Search, abstain: bool) -> Found:
        threshold = self.threshold if abstain else 0.0
        confidence = self._reader.answerability(search.readings)
        draft = self._draft(query, search, confidence, threshold)
        weak = not draft.answer or draft.confidence < threshold
        return Found(query.standalone_question, search, draft, weak)

    def _draft(self, query: Query, search: Search, confidence: float, threshold: float) -> Draft:
        """The worded answer; questions about two events or things look each one up.

        `threshold`: what is less sure than this is not in the archive.
        """
        question, find_article = query.searched, self.archive.article

        def read(clause: str) -> list[Reading]:
            one = of_part(query, clause)
            return self.retriever.search_and_read(one).readings

        things = comparison(question)
        events = None if things else order_question(question)
        parts = None if things or events else self._parts(query)
        draft = None
        if things:
            draft = compose_comparison(things, read, self._reader.answerability, find_article)
        elif events:
            draft = compose_order(events, read, confidence, find_article)
        elif parts:
            sure = self._reader.answerability
            draft = compose_parts(parts, read, sure, find_article, threshold)
        if draft:
            return draft
        if things and things.difference:
            # One of the two amounts would look like the answer, and be wrong.
            return Draft("", (), (), (), 0.0)
        spoken = None if things else denials(question, search.readings)
        if spoken:
            return compose(spoken, confidence, find_article, several=True)
        readings = naming(things, search.readings) if things else search.readings
        widen = _widening(question)
        return compose_polar(question, readings, confidence, find_article) or compose(
            readings,
            confidence,
            find_article,
            widen=widen,
            latest=not asks_for_earlier(question),
        )

    def _parts(self, query: Query) -> Sequence[str]:
        """What a yes/no question about two things or several reports asks of each."""
        question = query.searched
        both = both_question(question)
        return both or report_questions(question, query.filters.combined.publishers)

    def _notes(self, query: Query, draft: Draft) -> tuple[str, ...]:
        absent = absent_publishers(query.filters.combined, self.archive)
        missing = (f"The archive holds nothing by {', '.join(absent)}.",) if absent else ()
        return (*draft.notes, *missing)

    def _why_nothing(self, query: Query, search: Search) -> tuple[str, ...]:
        if search.passages:
            return ()
        unknown = absent_publishers_note(query.filters.combined, self.archive)
        if unknown:
            return unknown
        if query.filters.combined:
            return ("No article matches the filters; remove one to search more of the archive.",)
        return ("The archive holds no articles yet.",)


def _widening(question: str) -> Callable[[Reading], Reading] | None:
    """What makes the reader's short span the whole of what is asked for, if anything."""
    wanted = names_wanted(question)
    if wanted:
        return partial(whole_list, wanted=wanted)
    return whole_statement if asks_for_statement(question) else None


def _answer_of(events: Iterator[Event], abandoned: threading.Event | None = None) -> Answer:
    """The answer at the end of a stream; CancelledError after the step in which it is abandoned."""
    for event in events:
        if isinstance(event, Finished):
            return event.answer
        if abandoned and abandoned.is_set():
            break
    raise CancelledError  # into a future that nobody awaits any more
