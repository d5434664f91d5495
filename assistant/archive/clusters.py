"""Group near-copies in the catalog so that the groups do not depend on the order of arrival.

In: an open transaction, the articles whose text is new or that leave. Out: `articles.cluster`.
Refuses to know: how texts are compared (copies.py), indexes.

A cluster is a connected component of "is a near-copy of", which is symmetric and asks nothing but
the two texts; it is named after its smallest article id. So the same articles give the same
clusters under the same names, whatever came first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assistant.archive import copies
from assistant.archive.rows import chunks, latest
from assistant.archive.schema import articles_table, bands_table, versions_table


def store_bands(connection: Connection, bands: Mapping[str, Sequence[int]]) -> None:
    """Replace the keys under which articles, by id, meet their copies."""
    for chunk in chunks(list(bands)):
        connection.execute(sa.delete(bands_table).where(bands_table.c.article_id.in_(chunk)))
    rows = [
        {"band": number, "value": value, "article_id": article_id}
        for article_id, keys in bands.items()
        for number, value in enumerate(keys)
    ]
    if rows:
        connection.execute(sa.insert(bands_table), rows)


def companions(connection: Connection, article_ids: Collection[str]) -> set[str]:
    """Everything in the clusters of these articles, themselves included."""
    found: set[str] = set()
    for chunk in chunks(list(article_ids)):
        mine = sa.select(articles_table.c.cluster).where(articles_table.c.id.in_(chunk))
        query = sa.select(articles_table.c.id).where(articles_table.c.cluster.in_(mine))
        found |= set(connection.execute(query).scalars())
    return found


def groups(connection: Connection, article_ids: Sequence[str]) -> dict[str, set[str]]:
    """The cluster of each of these articles as a set of ids, itself included, in their order."""
    cluster_of: dict[str, str] = {}
    members: dict[str, set[str]] = {}
    for chunk in chunks(article_ids):
        mine = sa.select(articles_table.c.cluster).where(articles_table.c.id.in_(chunk))
        query = sa.select(articles_table.c.id, articles_table.c.cluster).where(
            articles_table.c.cluster.in_(mine)
        )
        for row in connection.execute(query):
            cluster_of[row.id] = row.cluster
            members.setdefault(row.cluster, set()).add(row.id)
    return {article_id: members[cluster_of[article_id]] for article_id in article_ids}


def regroup(connection: Connection, article_ids: Collection[str]) -> None:
    """Find the clusters of these articles anew; their bands are stored already.

    All members of a cluster that may fall apart must be among them.
    """
    for chunk in chunks(list(article_ids)):
        connection.execute(
            sa.update(articles_table)
            .where(articles_table.c.id.in_(chunk))
            .values(cluster=articles_table.c.id)
        )
    meeting = _meeting(connection, sorted(article_ids))
    for article_id, candidates in meeting.items():
        joined = _alike(connection, article_id, candidates)
        if joined:
            own = sa.select(articles_table.c.cluster).where(articles_table.c.id == article_id)
            joined.add(connection.execute(own).scalar_one())
            connection.execute(
                sa.update(articles_table)
                .where(articles_table.c.cluster.in_(joined))
                .values(cluster=min(joined))
            )


def _meeting(connection: Connection, article_ids: Sequence[str]) -> dict[str, list[str]]:
    """For each article that shares a band with others, those others."""
    mine, other = bands_table.alias(), bands_table.alias()
    found: dict[str, list[str]] = {}
    for chunk in chunks(article_ids):
        query = (
            sa.select(mine.c.article_id, other.c.article_id)
            .distinct()
            .join(other, (mine.c.band == other.c.band) & (mine.c.value == other.c.value))
            .where(mine.c.article_id.in_(chunk), other.c.article_id != mine.c.article_id)
        )
        for article_id, candidate in connection.execute(query):
            found.setdefault(article_id, []).append(candidate)
    return found


def _alike(connection: Connection, article_id: str, meeting: Sequence[str]) -> set[str]:
    """Clusters that hold a near-copy of the article, among those that share a band with it."""
    candidates: list[Any] = []
    for chunk in chunks(meeting):
        query = (
            sa.select(articles_table.c.id, articles_table.c.cluster, versions_table.c.signature)
            .join(versions_table, latest())
            .where(articles_table.c.id.in_(chunk))
        )
        candidates += connection.execute(query).all()
    text, signature = _texts(connection, [article_id])[article_id]
    mark = copies.from_bytes(signature)
    scored = sorted(
        (
            (copies.similarity(mark, copies.from_bytes(row.signature)), row.id, row.cluster)
            for row in candidates
        ),
        reverse=True,
    )
    shingles = copies.shingles(text)
    found: set[str] = set()
    for estimate, candidate, cluster in scored:
        if estimate < copies.WORTH_COMPARING:
            break
        if cluster in found:  # one copy is enough to belong
            continue
        other_text, _ = _texts(connection, [candidate])[candidate]
        if copies.resemblance(shingles, copies.shingles(other_text)) >= copies.SAME_STORY:
            found.add(cluster)
    return found


def _texts(connection: Connection, article_ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    query = (
        sa.select(articles_table.c.id, versions_table.c.text, versions_table.c.signature)
        .join(versions_table, latest())
        .where(articles_table.c.id.in_(article_ids))
    )
    return {row.id: (row.text, row.signature) for row in connection.execute(query)}
