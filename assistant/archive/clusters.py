"""Group near-copies in the catalog so that the groups do not depend on the order of arrival.

In: an open transaction, the articles whose text is new or that leave. Out: `articles.cluster`.
Refuses to know: how texts are compared (copies.py), indexes.

A cluster is a connected component of "is a near-copy of", which is symmetric and asks nothing but
the two texts; it is named after its smallest article id. So the same articles give the same
clusters under the same names, whatever came first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assistant.archive import copies
from assistant.archive.rows import chunks, latest
from assistant.archive.schema import articles_table, bands_table, versions_table


def store_bands(connection: Connection, article_id: str, bands: Sequence[int]) -> None:
    """Replace the keys under which an article meets its copies."""
    connection.execute(sa.delete(bands_table).where(bands_table.c.article_id == article_id))
    if bands:
        connection.execute(
            sa.insert(bands_table),
            [
                {"band": number, "value": value, "article_id": article_id}
                for number, value in enumerate(bands)
            ],
        )


def companions(connection: Connection, article_ids: Collection[str]) -> set[str]:
    """Everything in the clusters of these articles, themselves included."""
    found: set[str] = set()
    for chunk in chunks(list(article_ids)):
        mine = sa.select(articles_table.c.cluster).where(articles_table.c.id.in_(chunk))
        query = sa.select(articles_table.c.id).where(articles_table.c.cluster.in_(mine))
        found |= set(connection.execute(query).scalars())
    return found


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
    for article_id in sorted(article_ids):
        joined = _alike(connection, article_id)
        if joined:
            own = sa.select(articles_table.c.cluster).where(articles_table.c.id == article_id)
            joined.add(connection.execute(own).scalar_one())
            connection.execute(
                sa.update(articles_table)
                .where(articles_table.c.cluster.in_(joined))
                .values(cluster=min(joined))
            )


def _alike(connection: Connection, article_id: str) -> set[str]:
    """Clusters that hold a near-copy of the article."""
    mine, other = bands_table.alias(), bands_table.alias()
    meets = (
        sa.select(other.c.article_id)
        .join(mine, (mine.c.band == other.c.band) & (mine.c.value == other.c.value))
        .where(mine.c.article_id == article_id, other.c.article_id != article_id)
    )
    query = (
        sa.select(articles_table.c.id, articles_table.c.cluster, versions_table.c.signature)
        .join(versions_table, latest())
        .where(articles_table.c.id.in_(meets))
    )
    candidates = connection.execute(query).all()
    if not candidates:
        return set()
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
