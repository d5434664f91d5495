"""Keep an archive in step with folders of files: which file each article came from, what has gone.

In: an open archive, paths. Out: articles with their file, a report of what a mirror did or would
do. Refuses to know: file formats, the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.archive.archive import Archive
from assistant.archive.arrivals import Decision, Fate
from assistant.archive.batches import IngestProgress, Located, Tally
from assistant.articles.load import _files as article_files
from assistant.articles.load import load_articles
from assistant.errors import SourceError
from assistant.types import Article, Rejection

Sources = list[tuple[str, str]]


class LocatedArticles:
    """Everything under paths, each article with the absolute path of its file; read once.

    `options` go to `load_articles`. Raises SourceError at once for a path that does not exist.
    """

    def __init__(
        self, paths: Iterable[Path | str], options: Mapping[str, Any] | None = None
    ) -> None:
        self._paths = [Path(path) for path in paths]
        self._options = dict(options or {})
        load_articles(self._paths, **self._options)  # checks the paths before anything is read
        self.files = 0
        self.faulty: set[str] = set()  # files, and folders, that gave a rejection

    def __iter__(self) -> Iterator[Located | Rejection]:
        for path in self._paths:
            for file in article_files(path):
                if isinstance(file, Rejection):
                    self.faulty.add(_absolute(Path(file.source)))
                    yield file
                else:
                    self.files += 1
                    yield from self._read(file)

    def _read(self, file: Path) -> Iterator[Located | Rejection]:
        place = _absolute(file)
        try:
            for item in load_articles([file], **self._options):
                if isinstance(item, Rejection):
                    self.faulty.add(place)
                    yield item
                else:
                    yield Located(item, place)
        except SourceError as error:  # it was there when the folder was listed
            self.faulty.add(place)
            yield Rejection(str(file), str(error))


@dataclass(slots=True)
class Mirrored:
    """What mirroring a folder did, or would do: urls, and (url, path) of what goes."""

    folder: str
    dry_run: bool
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    unchanged: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "folder": self.folder,
            "dry_run": self.dry_run,
            "added": self.added,
            "updated": self.updated,
            "superseded": self.superseded,
            "removed": [{"url": url, "path": path} for url, path in self.removed],
            "unchanged": self.unchanged,
            "rejected": [rejection.to_json() for rejection in self.rejected],
        }


def mirror(
    archive: Archive,
    folder: Path,
    *,
    dry_run: bool = False,
    allow_empty: bool = False,
    progress: Callable[[IngestProgress], None] | None = None,
) -> Mirrored:
    """Bring the archive in step with a folder: take in what is there, take out what has gone.

    Only articles that were read from a file in the folder, and came from nowhere else, are taken
    out; those of a file that cannot be read now stay. `dry_run` changes nothing. Raises SourceError
    for what is no folder, and for one without article files whose articles the archive holds (a
    drive that is not mounted, say) unless `allow_empty`.
    """
    if not folder.is_dir():
        raise SourceError(f"There is no folder {folder}.")
    before = archive.sources_below(folder)
    items = LocatedArticles([folder])
    report = Mirrored(str(folder), dry_run)
    seen: set[tuple[str, str]] = set()

    def told(decision: Decision) -> None:
        seen.add((decision.arrival.path, decision.article.id))
        url = decision.article.url
        if decision.fate is Fate.NEW:
            report.added.append(url)
        elif decision.is_update:
            report.updated.append(url)
        elif decision.fate is Fate.SUPERSEDED:
            report.superseded.append(url)
        else:
            report.unchanged += 1

    if before and not allow_empty and next(article_files(folder), None) is None:
        raise SourceError(
            f"{folder} holds no article files, but {len(before)} articles of the archive came from "
            "there. Is the drive mounted? To take them out: news-assistant sync --allow-empty."
        )
    if dry_run:
        for decision in archive.plan(items, Tally(report.rejected.append)):
            told(decision)
    else:
        archive.ingest(items, progress=progress, on_reject=report.rejected.append, on_decision=told)
    gone = [one for one in before if one not in seen and not _within(one[0], items.faulty)]
    paths = {article_id: path for path, article_id in gone}
    for article_id in archive.left_without(gone):
        article = archive.stored(article_id)
        if article:
            report.removed.append((article.url, paths[article_id]))
    if not dry_run:
        archive.leave_sources(gone)
    return report


def described(article: Article) -> str:
    """One line for the operator: headline, publisher, day, url."""
    day = article.published_at.date().isoformat() if article.published_at else "undated"
    parts = (article.title, article.publisher, day, article.url)
    return ", ".join(part for part in parts if part)


def _absolute(path: Path) -> str:
    return path.resolve().as_posix()


def _within(path: str, faulty: set[str]) -> bool:
    """Whether the file, or a folder that it lies in, could not be read."""
    place = Path(path)
    return path in faulty or any(parent.as_posix() in faulty for parent in place.parents)
