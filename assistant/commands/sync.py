"""news-assistant sync: bring the archive in step with a folder, deletions included.

In: a folder. Out: what changed, or would change. Refuses to know: how.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.printing import Progress, print_json
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.archive.folders import Mirrored

Run = Callable[[argparse.Namespace, Settings], None]


def add(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Register the subcommand."""
    sync = command("sync", run, "Mirror a folder: take in what is new, take out what has gone.")
    sync.add_argument("folder", type=Path)
    sync.add_argument("--dry-run", action="store_true", help="only say what would change")
    sync.add_argument(
        "--allow-empty", action="store_true", help="take all out where the folder is empty"
    )


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Mirror the folder, or show the plan."""
    from assistant.archive.archive import Archive
    from assistant.archive.folders import mirror

    with (
        Archive.open(settings=settings) as archive,
        Progress("Reading articles", unit=" articles") as bar,
    ):
        report = mirror(
            archive,
            arguments.folder,
            dry_run=arguments.dry_run,
            allow_empty=arguments.allow_empty,
            progress=lambda now: bar.tell(
                seen=now.seen, accepted=now.accepted, copies=now.copies, rejected=now.rejected
            ),
        )
    if arguments.json:
        print_json(report.to_json())
    else:
        _show(report)


def _show(report: Mirrored) -> None:
    for sign, urls in (("+", report.added), ("~", report.updated), ("=", report.superseded)):
        for url in urls:
            print(f"{sign} {url}")
    for url, path in report.removed:
        print(f"- {url} (was in {path})")
    for rejection in report.rejected:
        print(f"! {rejection.source}: {rejection.reason}")
    would = "would be " if report.dry_run else ""
    print(
        f"{len(report.added)} {would}added, {len(report.updated)} {would}updated, "
        f"{len(report.removed)} {would}taken out, {report.unchanged} unchanged, "
        f"{len(report.superseded)} older than the archive's, {len(report.rejected)} rejected."
    )
