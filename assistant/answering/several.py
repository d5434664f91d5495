"""Several searches or drafts made into one.

In: Searches, Drafts. Out: passages in turn from each, one Draft. Refuses to know: where the parts
of a question come from, who words the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from assistant.answering.citations import CitationList, renumbered
from assistant.answering.extractive import Draft, updates
from assistant.retrieval.retriever import Search
from assistant.types import Article, Passage

# Passages that the reader finds this much less relevant than the best are about something else.
_NEAR_THE_BEST = 5.0
# A question of two parts is about two things: so many of the best are kept all the same.
_ALWAYS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One question's search and extractive draft; `weak` where that alone would mean abstention."""

    question: str
    search: Search
    draft: Draft
    weak: bool


def in_turn(lists: Iterable[Sequence[Passage]]) -> list[Passage]:
    """The best of each list, then the second of each, and so on; each passage once."""
    ranked = chain.from_iterable(zip_longest(*lists))
    found: dict[str, Passage] = {}
    for passage in ranked:
        if passage:
            found.setdefault(passage.id, passage)
    return list(found.values())


def evidence(found: Iterable[Found]) -> list[Passage]:
    """The passages that are about their question, best first, in turn from each search."""
    return in_turn([_near_the_best(one.search) for one in found if not one.weak])


def best_draft(
    found: Sequence[Found], find_article: Callable[[str], Article | None]
) -> Draft | None:
    """The draft of the whole question, the first, or else what its parts give together.

    None where neither it nor a part has evidence enough: that is abstention.
    """
    if not found[0].weak:
        return found[0].draft
    strong = [one.draft for one in found if not one.weak]
    return together(strong, find_article) if strong else None


def together(drafts: Sequence[Draft], find_article: Callable[[str], Article | None]) -> Draft:
    """The drafts for the parts of one question, one after another, with one list of citations."""
    citations = CitationList(find_article)
    sentences, notes = [], []
    for draft in drafts:
        sentences += [renumbered(one, draft.citations, citations) for one in draft.sentences]
        notes += other_notes(draft, citations)
    return Draft(
        "; ".join(dict.fromkeys(draft.answer for draft in drafts)),
        tuple(dict.fromkeys(sentences)),
        citations.all(),
        tuple(dict.fromkeys([*notes, *updates(citations.all())])),
        max(draft.confidence for draft in drafts),
    )


def other_notes(draft: Draft, citations: CitationList) -> list[str]:
    """The draft's notes under the numbers of `citations`, but those on updated sources."""
    on_updates = updates(draft.citations)
    return [
        renumbered(note, draft.citations, citations)
        for note in draft.notes
        if note not in on_updates
    ]


def _near_the_best(search: Search) -> list[Passage]:
    read = [reading.passage for reading in search.readings]
    return [
        passage
        for rank, passage in enumerate(read)
        if rank < _ALWAYS or passage.score >= read[0].score - _NEAR_THE_BEST
    ]
