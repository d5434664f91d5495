"""news-assistant follow: bring in what feeds list, once or again and again.

In: addresses of feeds, an OPML file. Out: a line of progress for each batch on standard error, a
summary of each round on standard output (--json: one object a line). Refuses to know: how.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import SourceError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.feeds.rounds import Round

Run = Callable[[argparse.Namespace, Settings], None]
_UNIT_S = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
# More often than once a minute is no politeness any server would recognise.
_SHORTEST_S = 60.0


def add(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Register the subcommand."""
    follow = command("follow", run, "Bring in the articles that feeds list, and keep doing so.")
    follow.add_argument("feeds", nargs="*", metavar="FEED", help="RSS, Atom, JSON Feed or sitemap")
    follow.add_argument("--opml", type=Path, metavar="FILE", help="an OPML list of further feeds")
    how = follow.add_mutually_exclusive_group()
    how.add_argument(
        "--every", type=_seconds, default="15m", metavar="TIME", help="15m, 1h, … (default: 15m)"
    )
    how.add_argument("--once", action="store_true", help="one round, for cron")


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Follow until stopped, or for one round."""
    from assistant.feeds.follow import Follower

    feeds = [*arguments.feeds, *(_listed(arguments.opml) if arguments.opml else ())]
    # A service manager stops with SIGTERM; it is to end like Ctrl-C, between two steps.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Follower(feeds, settings, wait_for_archive=not arguments.once, say=_say) as follower:
            if arguments.once:
                _show(follower.round(), as_json=arguments.json)
                return
            for done in follower.rounds(arguments.every):
                _show(done, as_json=arguments.json)
    except KeyboardInterrupt:
        if arguments.once:
            raise
        # Stopping is how following ends.
        _say("Stopped; what was brought in is kept, the rest comes next time.")


def _listed(path: Path) -> list[str]:
    """The feeds of an OPML file; those with unusable addresses are named and left out."""
    from assistant.feeds.addresses import checked_url
    from assistant.feeds.entries import FeedError
    from assistant.feeds.errors import FetchError
    from assistant.feeds.sitemaps import opml_feeds

    usable = []
    try:
        for address in opml_feeds(path.read_bytes()):
            try:
                usable.append(str(checked_url(address)))
            except FetchError as error:
                _say(f"{path} names {address!r}, which is left out: {error}")
    except OSError as error:
        raise SourceError(f"Cannot read {path}: {error.strerror}.") from error
    except FeedError as error:
        raise SourceError(f"{path}: {error}") from error
    return usable


def _show(done: Round, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(done.to_json(), ensure_ascii=False), flush=True)
        return
    print(f"{done.in_words()}; {done.feeds} feeds asked in {done.seconds:.1f} s.")
    for rejection in done.rejected:
        print(f"  rejected {rejection.source}: {rejection.reason}")
    sys.stdout.flush()


def _seconds(text: str) -> float:
    given = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip().lower())
    if not given:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 15m or 1h")
    seconds = float(given[1]) * _UNIT_S[given[2]]
    if seconds < _SHORTEST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is too often; once a minute is the most")
    return seconds


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
