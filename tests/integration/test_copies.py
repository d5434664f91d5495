"""Clusters on a real archive: the same whatever came first, right on edited real articles."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assistant.archive.archive import Archive
from assistant.articles import load_articles
from assistant.types import Article
from benchmarks.copies import SHARED, edited, measure
from tests.conftest import CORPUS, article, day
from tests.integration.conftest import open_archive


def corpus_articles(limit: int) -> list[Article]:
    found = (one for one in load_articles([CORPUS]) if isinstance(one, Article))
    return [one for one in found if len(one.text.split()) > 60][:limit]


def chain(original: Article, other: Article, rng: random.Random) -> list[Article]:
    """The original, a copy, a copy of the copy …: the ends are no near-copies of each other."""
    links = [original]
    for number in range(4):
        links.append(edited(links[-1], other, 0.92, 100 * rng.randint(1, 10**9) + number, rng))
    return links


def grouped(archive: Archive, articles: list[Article]) -> dict[str, frozenset[str]]:
    groups = archive.clusters([one.id for one in articles])
    return {name: frozenset(one.url for one in group) for name, group in groups.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_clusters_do_not_depend_on_the_order_of_arrival(tmp_path: Path, seed: int) -> None:
    rng = random.Random(7)
    corpus = corpus_articles(9)
    articles = [one for n in range(3) for one in chain(corpus[n], corpus[n + 3], rng)] + corpus[3:]
    with open_archive(tmp_path / "in-order") as archive:
        archive.ingest(articles)
        expected = grouped(archive, articles)
    assert sorted(map(len, expected.values()))[-3:] == [5, 5, 5]
    shuffled = random.Random(seed).sample(articles, len(articles))
    with open_archive(tmp_path / "shuffled") as archive:
        for first in range(0, len(shuffled), 4):  # in several calls, so across groups too
            archive.ingest(shuffled[first : first + 4])
        assert grouped(archive, articles) == expected
        # A link that goes, or says something else, takes the chain apart as if it had never been.
        middle = next(one for one in articles if one.url == articles[2].url)
        archive.remove([middle.url])
        without = [one for one in articles if one.url != middle.url]
        parted = grouped(archive, without)
        archive.ingest([article(1, url=articles[7].url, text="The tunnel opened to cheers.")])
        assert articles[7].url not in set().union(*grouped(archive, without).values())
    with open_archive(tmp_path / "never-there") as archive:
        archive.ingest(without)
        assert grouped(archive, without) == parted


def test_the_earliest_leads_unless_the_copies_credit_an_agency(place: Path) -> None:
    text = corpus_articles(1)[0].text
    early = article(1, text=text, published_at=day("2024-05-14"), publisher="Post")
    late = article(2, text=text, published_at=day("2024-05-15"), publisher="Gazette")
    undated = article(3, text=text, published_at=None, publisher="Mail")
    with open_archive(place) as archive:
        archive.ingest([undated, late, early])
        (group,) = archive.clusters([early.id]).values()
        assert [one.publisher for one in group] == ["Post", "Gazette", "Mail"]
        line = f"LONDON, May 14 (Reuters) - {text}"
        archive.ingest(
            [
                article(4, text=line, published_at=day("2024-05-16"), publisher="Reuters"),
                article(5, text=line, published_at=day("2024-05-15"), publisher="Herald"),
            ]
        )
        (group,) = archive.clusters([early.id]).values()
        assert [one.publisher for one in group][:2] == ["Reuters", "Post"]


def test_edited_copies_of_real_articles(shared: Path) -> None:
    source = shared / "newsdesk-dev" / "articles.jsonl.gz"
    articles = [one for one in load_articles([source]) if isinstance(one, Article)]
    done = measure(articles[:120], SHARED)
    assert done.precision >= 0.95, done
    assert done.recall >= 0.95, done
