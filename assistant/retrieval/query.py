"""Understand a question: check it, resolve it against the conversation, infer its filters.

In: the caller's words, earlier turns, filters, a day. Out: a Query.
Refuses to know: how anything is searched or answered.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Protocol

from assistant.errors import QuestionError, SettingsError
from assistant.retrieval.conversation import resolve
from assistant.retrieval.dates import infer_dates
from assistant.retrieval.sources import mentions, named_sources
from assistant.types import AppliedFilters, Filters, InferredFilter, Query, Turn

LONGEST_QUESTION = 2_000
_MOST_PUBLISHERS = 50
# Questions are pasted with their links; a tag's attributes would be searched and read as words.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


class Holdings(Protocol):
    """What understanding needs to know about an archive."""

    def publishers(self) -> tuple[str, ...]: ...

    def days(self) -> tuple[date, date] | None: ...


def understand(
    question: str,
    holdings: Holdings,
    *,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
    as_of: date | None = None,
    infer_filters: bool = True,
) -> Query:
    """Make a question ready for search.

    `filters` bind as they are; dates and publishers that the question names are added to them
    unless `infer_filters` is False, and reported. `as_of`, or the filters' own, hides what was
    published later; "last week" counts back from it, or from today. Raises QuestionError for a
    question that is empty or longer than 2,000 characters, SettingsError for filters that
    contradict each other.
    """
    plain = clean_question(question)
    given = filters or Filters()
    _check_filters(given)
    as_of = as_of or given.as_of
    earlier = [
        replace(turn, question=_without_markup(_one_line(turn.question))) for turn in history
    ]
    standalone = resolve(plain, earlier)
    inferred = _infer(plain, holdings, given, as_of) if infer_filters else ()
    applied = AppliedFilters(given, inferred, _combine(replace(given, as_of=as_of), inferred))
    return Query(
        _one_line(question),
        standalone.question,
        applied,
        standalone.context,
        as_of,
        standalone.core,
    )


def clean_question(question: str) -> str:
    """The question in NFC, on one line, without HTML tags, control and direction characters.

    Raises QuestionError for one that is empty or longer than 2,000 characters.
    """
    asked = _one_line(question)
    if len(asked) <= LONGEST_QUESTION:
        asked = _without_markup(asked)
    if not any(character.isalnum() for character in asked):
        raise QuestionError("The question is empty. Ask something in words.")
    if len(asked) > LONGEST_QUESTION:
        raise QuestionError(
            f"The question has {len(asked):,} characters; the most is {LONGEST_QUESTION:,}. Ask "
            "the part that matters, and add longer material to the archive instead."
        )
    return asked


def _one_line(text: str) -> str:
    storable = text.encode("utf-8", "ignore").decode()  # lone surrogates cannot be stored or shown
    return " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", storable)).split())


def _without_markup(text: str) -> str:
    """Plain text: taking a tag out may leave another, so until there is none."""
    while (plain := html.unescape(_TAG.sub("", text))) != text:
        text = _one_line(plain)
    return text


def of_part(query: Query, part: str) -> Query:
    """The query for one part of its question: of several publishers those that the part names."""
    publishers = query.filters.combined.publishers
    named = tuple(name for name in publishers if mentions(part, name))
    combined = replace(query.filters.combined, publishers=named or publishers)
    filters = replace(query.filters, combined=combined)
    return replace(query, filters=filters).asking(part)


def absent_publishers(filters: Filters, holdings: Holdings) -> tuple[str, ...]:
    """The publishers among the filters of which the archive holds nothing."""
    folded = {name.casefold() for name in holdings.publishers()}
    return tuple(name for name in filters.publishers if name.casefold() not in folded)


def absent_publishers_note(filters: Filters, holdings: Holdings) -> tuple[str, ...]:
    """A sentence naming the publishers there are, where one that is asked for does not exist."""
    unknown = absent_publishers(filters, holdings)
    if not unknown:
        return ()
    known = holdings.publishers()
    told = ", ".join(known[:_MOST_PUBLISHERS])
    lead = "The archive's publishers" + (" include" if len(known) > _MOST_PUBLISHERS else "")
    return (f"No publisher is called {', '.join(unknown)}. {lead}: {told}.",)


def _check_filters(filters: Filters) -> None:
    first, last = filters.published_from, filters.published_to
    if first and last and first > last:
        raise SettingsError(f"The dates are the wrong way round: from {first} to {last}.")


def _infer(
    question: str, holdings: Holdings, given: Filters, as_of: date | None
) -> tuple[InferredFilter, ...]:
    inferred = []
    if not (given.published_from or given.published_to):
        today = as_of or datetime.now(UTC).date()
        dates = infer_dates(question, today, holdings.days())
        if dates:
            inferred.append(dates)
    if not given.publishers:
        inferred += named_sources(question, holdings.publishers())
    return tuple(inferred)


def _combine(given: Filters, inferred: Sequence[InferredFilter]) -> Filters:
    combined = given
    for one in inferred:
        if one.kind == "publisher" and one.publisher:
            combined = replace(combined, publishers=(*combined.publishers, one.publisher))
        else:
            combined = replace(
                combined, published_from=one.published_from, published_to=one.published_to
            )
    return combined
