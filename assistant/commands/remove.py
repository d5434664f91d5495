"""news-assistant remove: take articles out of the archive, all versions, for good.

In: urls, or a publisher and a day. Out: what was taken out. Refuses to know: how.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.commands.printing import day, print_json, say
from assistant.errors import SettingsError, SourceError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.archive.archive import Archive
    from assistant.types import Article

Run = Callable[[argparse.Namespace, Settings], None]
_MOST_SHOWN = 20


def add(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Register the subcommand."""
    remove = command("remove", run, "Take articles out of the archive, all versions, for good.")
    remove.add_argument("urls", nargs="*", metavar="URL", help="url or id of an article")
    remove.add_argument(
        "--publisher", action="append", default=[], help="all of this publisher; may be repeated"
    )
    remove.add_argument(
        "--before", type=day, metavar="DATE", help="all published before that day; not the undated"
    )
    remove.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    remove.add_argument("--dry-run", action="store_true", help="only say what would be taken out")


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Show what is meant, ask, take it out."""
    from assistant.archive.archive import Archive

    limited = bool(arguments.publisher or arguments.before)
    if bool(arguments.urls) == limited:
        raise SettingsError(
            "Name what to take out: either urls, or --publisher and --before (both together take "
            "out what fits both)."
        )
    with Archive.open(settings=settings, create=False) as archive:
        if limited:
            ids = archive.select(arguments.publisher, arguments.before)
            unknown: list[str] = []
        else:
            ids, unknown = _known(archive, arguments.urls)
        if unknown and not ids:
            raise SourceError(f"Not in the archive: {', '.join(unknown)}.")
        articles = [one for one in map(archive.stored, ids) if one]
        if not arguments.json:
            _show(articles, unknown)
        removed = 0
        if articles and not arguments.dry_run:
            if not (arguments.yes or _confirmed(len(articles))):
                say("Nothing was taken out.")
                return
            removed = archive.remove(ids)
    if arguments.json:
        print_json(
            {
                "dry_run": arguments.dry_run,
                "removed": removed,
                "articles": [one.to_json(text=False) for one in articles],
                "unknown": unknown,
            }
        )
    elif not arguments.dry_run:
        print(f"{removed} taken out.")


def _known(archive: Archive, urls: Sequence[str]) -> tuple[list[str], list[str]]:
    found = {url: archive.known(url) for url in urls}
    ids = dict.fromkeys(one for one in found.values() if one)
    return list(ids), [url for url, known in found.items() if not known]


def _show(articles: Sequence[Article], unknown: Sequence[str]) -> None:
    from assistant.archive.folders import described

    for article in articles[:_MOST_SHOWN]:
        print(described(article))
    if len(articles) > _MOST_SHOWN:
        print(f"… and {len(articles) - _MOST_SHOWN} more")
    if not articles:
        print("No article fits.")
    for url in unknown:
        say(f"Not in the archive: {url}")


def _confirmed(articles: int) -> bool:
    """Whether somebody at the keyboard says yes."""
    if not sys.stdin.isatty():
        raise SettingsError("Nobody is there to confirm; add --yes to take them out unasked.")
    say(f"Take {articles} out of the archive, all versions, for good? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
