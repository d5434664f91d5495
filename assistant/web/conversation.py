"""One conversation of the chat: kept, continued, shown.

In: questions, limits, the answers so far. Out: chat messages and answers.
Refuses to know: Gradio. The browser keeps the conversation, so what comes back from it is checked
like any other input; article texts are not kept, they are read from the archive when opened.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from assistant.answering.assistant import Finished, Retrieved, TextDelta, Understood
from assistant.errors import NewsAssistantError, SettingsError
from assistant.types import Answer, Article, Filters, Turn
from assistant.web import presentation

if TYPE_CHECKING:
    from assistant.answering.assistant import Assistant, Mode
    from assistant.archive.archive import Archive

logger = logging.getLogger(__name__)

# The browser's store holds about 5 MB; an exchange takes 2 to 10 kB.
KEPT_ANSWERS = 50
# Redrawing for every word costs more than a reader sees.
REDRAW_S = 0.08

GENERAL_FAILURE = (
    "Something went wrong on the server while answering; its log has the details. "
    "Your question is kept below: please try again."
)

Message = dict[str, Any]
_ANSWER = TypeAdapter(Answer)
_POINTER = re.compile(r"([cpf])-(\d{1,4})-(\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page shows at one moment of an answer; `answers` is set once, at its end.

    `failed` is True in the last frame of a question that got no answer.
    """

    messages: list[Message]
    answers: list[Answer] | None = None
    failed: bool = False


def pack(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The conversation as JSON for the browser to keep, without article texts."""
    return [_ANSWER.dump_python(_slim(answer), mode="json") for answer in answers[-KEPT_ANSWERS:]]


def unpack(kept: object) -> list[Answer]:
    """The conversation as the browser kept it; what does not read as an answer is left out."""
    answers = []
    for record in kept[-KEPT_ANSWERS:] if isinstance(kept, list) else []:
        try:
            answers.append(_ANSWER.validate_python(record))
        except ValidationError:
            logger.warning("Left out a kept answer that could not be read.")
    return answers


def _slim(answer: Answer) -> Answer:
    citations = tuple(
        replace(citation, article=replace(citation.article, text=""))
        for citation in answer.citations
    )
    closest = answer.passages[: presentation.CLOSEST] if answer.abstained else ()
    return replace(answer, citations=citations, passages=closest)


def messages(answers: Sequence[Answer]) -> list[Message]:
    """The conversation as openai-style chat messages."""
    shown: list[Message] = []
    for turn, answer in enumerate(answers):
        shown += [_asked(answer.question), _answered(presentation.answer_bubble(answer, turn))]
    return shown


def _asked(question: str) -> Message:
    return {"role": "user", "content": presentation.question_bubble(question)}


def _answered(markup: str) -> Message:
    return {"role": "assistant", "content": markup}


def converse(
    assistant: Assistant,
    question: str,
    earlier: Sequence[Answer],
    filters: Filters,
    *,
    infer_filters: bool = True,
    mode: Mode | None = None,
) -> Iterator[Frame]:
    """Ask one question after the `earlier` answers; never raises, a failure is a frame."""
    so_far = [*messages(earlier), _asked(question)]

    def pending(text: str, status: str) -> Frame:
        return Frame([*so_far, _answered(presentation.progress_bubble(text, status))])

    yield pending("", "Searching the archive …")
    history = [Turn(answer.question, answer.answer) for answer in earlier]
    text, drawn_at = "", 0.0
    try:
        for event in assistant.stream(
            question, history, filters, infer_filters=infer_filters, mode=mode
        ):
            match event:
                case Understood():
                    pass
                case Retrieved(passages=passages):
                    yield pending(text, f"Reading {len(passages)} passages …")
                case TextDelta(text=delta):
                    text += delta
                    if monotonic() - drawn_at > REDRAW_S:
                        drawn_at = monotonic()
                        yield pending(text, "Answering …")
                case Finished(answer=answer):
                    answers = [*earlier, answer][-KEPT_ANSWERS:]
                    yield Frame(messages(answers), answers)
    except NewsAssistantError as error:
        yield Frame(refused(earlier, question, error), failed=True)
    except Exception:
        logger.exception("A question failed.")
        yield Frame(refused(earlier, question, NewsAssistantError(GENERAL_FAILURE)), failed=True)


def refused(earlier: Sequence[Answer], question: str, error: NewsAssistantError) -> list[Message]:
    """The conversation with a question that could not be asked, and why."""
    reason = _answered(presentation.error_bubble(str(error)))
    return [*messages(earlier), _asked(question), reason]


def read_filters(first: str | None, last: str | None, publishers: Sequence[str] | None) -> Filters:
    """Limits as typed into the form; raises SettingsError for what is not a day or a period."""
    published_from, published_to = _read_day(first), _read_day(last)
    if published_from and published_to and published_from > published_to:
        raise SettingsError("The first day is after the last day: swap them, or clear one.")
    return Filters(published_from, published_to, tuple(publishers or ()))


def _read_day(typed: str | None) -> date | None:
    if not typed or not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError as error:
        raise SettingsError(f"“{typed[:40]}” is not a day: write it like 2022-09-21.") from error


def without_inferred(answer: Answer, dropped: int) -> Filters:
    """The limits to ask the same question again under, with one inferred limit taken away.

    The other inferred limits are kept as if the reader had set them.
    """
    limits = answer.filters.given
    for index, inferred in enumerate(answer.filters.inferred):
        if index == dropped:
            continue
        starts = [day for day in (limits.published_from, inferred.published_from) if day]
        ends = [day for day in (limits.published_to, inferred.published_to) if day]
        limits = replace(
            limits,
            published_from=max(starts, default=None),
            published_to=min(ends, default=None),
            publishers=_narrowed(limits.publishers, inferred.publisher),
        )
    return limits


def _narrowed(given: tuple[str, ...], inferred: str | None) -> tuple[str, ...]:
    if inferred is None or inferred in given:
        return (inferred,) if inferred else given
    return (*given, inferred)


def read_pointer(pointer: str) -> tuple[str, int, int]:
    """What a button on the page points at: a kind (c, p or f), a turn, a place in it.

    Kind is empty where it is nothing of ours.
    """
    match = _POINTER.fullmatch(pointer)
    return (match[1], int(match[2]), int(match[3])) if match else ("", 0, 0)


def open_source(archive: Archive, answers: Sequence[Answer], pointer: str) -> str:
    """The panel for a source button: "c-TURN-NUMBER" or, for a close passage, "p-TURN-INDEX".

    Empty for a pointer that leads nowhere. A passage is marked only where the stored article
    still has it word for word at its offsets.
    """
    kind, turn, place = read_pointer(pointer)
    answer = answers[turn] if turn < len(answers) else None
    if answer and kind == "c":
        for citation in answer.citations:
            if citation.number == place:
                others = [
                    (other.start, other.end, other.quote)
                    for other in answer.citations
                    if other.article.url == citation.article.url and other is not citation
                ]
                span = (citation.start, citation.end, citation.quote)
                return _panel(archive, citation.article, span, others)
    if answer and kind == "p" and place < len(answer.passages):
        passage = answer.passages[place]
        known = Article(passage.url, passage.title, "", passage.published_at)
        return _panel(archive, known, (passage.start, passage.end, passage.text), [])
    return ""


def _panel(
    archive: Archive,
    known: Article,
    cited: tuple[int, int, str],
    others: Sequence[tuple[int, int, str]],
) -> str:
    article = archive.article(known.id)
    start, end, quote = cited
    if article is None:
        return presentation.missing_panel(
            known.title, quote, "This article is no longer in the archive. It was quoted as:"
        )
    if article.text[start:end] != quote:
        return presentation.article_panel(
            article,
            None,
            notice=f"The article has changed since this answer, which quoted: “{quote}”",
        )
    still_there = [(a, b) for a, b, text in others if article.text[a:b] == text]
    return presentation.article_panel(article, (start, end), still_there)
