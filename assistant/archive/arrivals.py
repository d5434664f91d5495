"""Decide what an arriving article is to the archive, before anything is cut or embedded.

In: arrivals, the catalog's reading half. Out: one decision each. Refuses to know: how a decision is
carried out, so that a plan (`sync --dry-run`) and an ingest cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from assistant.archive.batches import Arrival, fingerprint
from assistant.archive.header import written_date
from assistant.archive.identity import is_older
from assistant.archive.lookup import History, Lookup
from assistant.types import Article


class Fate(Enum):
    """What becomes of an arrival."""

    NEW = auto()  # an article that the archive does not know
    VERSION = auto()  # new words: a new version, which replaces the shown one
    DETAILS = auto()  # the same words with other details: the version is corrected in place
    SUPERSEDED = auto()  # an earlier state than the archive's: kept to be read
    UNCHANGED = auto()


@dataclass(frozen=True, slots=True)
class Decision:
    """An arrival's fate; `article` has the archive's url and version number."""

    fate: Fate
    article: Article
    fingerprint: str
    arrival: Arrival
    new_names: tuple[str, ...]

    @property
    def is_update(self) -> bool:
        return self.fate in (Fate.VERSION, Fate.DETAILS)


def decide(arrivals: Sequence[Arrival], catalog: Lookup) -> list[Decision]:
    """One decision for each arrival, in order, as if each were the only one.

    An article is met again by its url, by a form of its url (http, www, tracking parameters), or by
    its source id.
    """
    named = catalog.named([name for arrival in arrivals for name in arrival.names])
    ids = {
        arrival.article.id: next((named[one] for one in arrival.names if one in named), None)
        for arrival in arrivals
    }
    histories = catalog.histories([*ids, *(one for one in ids.values() if one)])
    decisions = []
    for arrival in arrivals:
        own = arrival.article.id
        known = own if own in histories else ids[own]
        history = histories.get(known) if known else None
        article = replace(arrival.article, url=history.url) if history else arrival.article
        mark = fingerprint(article)
        fate, version = (Fate.NEW, 1) if history is None else _fate(article, mark, history, catalog)
        decisions.append(
            Decision(
                fate,
                replace(article, version=version),
                mark,
                arrival,
                tuple(name for name in arrival.names if name not in named),
            )
        )
    return decisions


def same_words(one: Article, other: Article) -> bool:
    """Whether two versions are the same to an embedder: headline, written date and text."""
    return (one.title, written_date(one.published_at), one.text) == (
        other.title,
        written_date(other.published_at),
        other.text,
    )


def _fate(article: Article, mark: str, history: History, catalog: Lookup) -> tuple[Fate, int]:
    if history.fingerprints.get(history.latest) == mark:
        return Fate.UNCHANGED, history.latest
    seen_as = next((n for n, other in history.fingerprints.items() if other == mark), None)
    newest = catalog.newest(article.id)
    if newest is not None:
        stored, source_version = newest
        same = same_words(article, stored)
        if is_older(article, replace(stored, version=source_version)):
            if same or seen_as is not None:
                return Fate.UNCHANGED, history.latest
            return Fate.SUPERSEDED, history.next_version
        if same:
            return Fate.DETAILS, history.latest
    # Words that were there before come back under their old number.
    return Fate.VERSION, seen_as or history.next_version
