"""news-assistant versions: the states that an article went through, and what changed.

In: a url. Out: one entry a version, with the sentences that differ from the one before.
Refuses to know: how.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import pairwise

from assistant.commands.printing import print_json
from assistant.errors import SourceError
from assistant.settings import Settings
from assistant.types import show_date

Run = Callable[[argparse.Namespace, Settings], None]


def add(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Register the subcommand."""
    versions = command("versions", run, "Show the versions of an article and what changed.")
    versions.add_argument("url", help="url or id of an article")


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Print the versions in the order they arrived in."""
    from assistant.archive.archive import Archive
    from assistant.archive.difference import difference

    with Archive.open(settings=settings, create=False) as archive:
        versions = archive.versions(arguments.url)
        shown = archive.article(arguments.url)
    if not versions or shown is None:
        raise SourceError(f"Not in the archive: {arguments.url}.")
    changes = [[], *(list(difference(old, new)) for old, new in pairwise(versions))]
    if arguments.json:
        print_json(
            [
                one.to_json()
                | {
                    "shown": one.version == shown.version,
                    "changes": [change.to_json() for change in changed],
                }
                for one, changed in zip(versions, changes, strict=True)
            ]
        )
        return
    for one, changed in zip(versions, changes, strict=True):
        when = show_date(one.updated_at or one.published_at, one.date_only) or "undated"
        mark = ", the one that is searched" if one.version == shown.version else ""
        print(f"{one.version}. {one.title} ({when}{mark})")
        for change in changed:
            for sign, sentences in (("-", change.old), ("+", change.new)):
                for sentence in sentences:
                    print(f"   {sign} {sentence}")
