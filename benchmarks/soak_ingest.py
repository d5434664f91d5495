"""A long ingest in flat memory: synthetic articles in one JSON Lines file, killed and resumed.

In: how many articles. Out: resident memory and rate at every tenth of the way. Refuses to know:
embedding models; a static embedder stands in, because this is about memory and resuming.

    python -m benchmarks.soak_ingest --articles 100000

The ingest runs in a child process. It is killed (SIGKILL) once, at a third of the way, and started
again; the second run passes over what is there. Ends with exit code 1 where an article is missing,
or where memory grew by more than the vector index needs (ALLOWED_BYTES for each passage).
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant.archive.archive import Archive
from assistant.archive.batches import IngestProgress
from assistant.archive.folders import LocatedArticles
from assistant.settings import Settings
from benchmarks.hashing import DIMENSIONS, HashingEmbedding

STEPS = 10
KILL_AT = 1 / 3
# Chroma keeps its index in memory: a vector of float32, the graph's links, an id. Measured 1,044
# bytes for each passage (docs/decisions.md); more than half as much again is a leak.
ALLOWED_BYTES = 4 * DIMENSIONS + 1_300
_WORDS = 4_000
_SENTENCES = 8


def write_articles(path: Path, articles: int, seed: int = 0) -> None:
    """So many different articles of invented words, one JSON object a line."""
    rng = random.Random(seed)
    syllables = "ba do fi ka le mo nu pa re si ta vo".split()
    words = ["".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(_WORDS)]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(articles):
            sentences = (
                " ".join(rng.choices(words, k=rng.randint(8, 16))).capitalize()
                for _ in range(_SENTENCES)
            )
            record = {
                "url": f"https://soak.example/{number}",
                "title": " ".join(rng.choices(words, k=6)).capitalize(),
                "text": ". ".join(sentences) + ".",
                "date": f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}",
                "publisher": f"Paper {number % 40}",
                "language": "en",
            }
            stream.write(json.dumps(record) + "\n")


def resident_bytes() -> int:
    """Memory of this process that is in RAM (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell a process its memory (no VmRSS in /proc)")


def ingest(dump: Path, place: Path, step: int) -> None:
    """The child's work: take the file in, telling memory at every step on standard output."""
    due = 0

    def tell(now: IngestProgress) -> None:
        nonlocal due
        if now.seen >= due:
            due = now.seen - now.seen % step + step
            done = {"seen": now.seen, "added": now.added, "unchanged": now.unchanged}
            mebibytes = round(resident_bytes() / 2**20, 1)
            print(json.dumps(done | {"rss_mib": mebibytes, "s": round(now.seconds, 1)}), flush=True)

    settings = Settings(archive=place)
    with Archive.open(settings=settings, embedder=HashingEmbedding()) as archive:
        archive.ingest(LocatedArticles([dump]), progress=tell)
        stats = archive.stats()
    print(json.dumps({"articles": stats.articles, "passages": stats.passages}), flush=True)


def main() -> int:
    """Run the soak; 0 where everything is there and memory stayed flat."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--child", nargs=2, type=Path, metavar=("DUMP", "ARCHIVE"))
    arguments = parser.parse_args()
    step = max(1, arguments.articles // STEPS)
    if arguments.child:
        ingest(*arguments.child, step)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        dump, place = Path(folder) / "articles.jsonl", Path(folder) / "archive"
        write_articles(dump, arguments.articles)
        command = [sys.executable, "-m", "benchmarks.soak_ingest", "--articles",
                   str(arguments.articles), "--child", str(dump), str(place)]  # fmt: skip
        _run(command, kill_at=int(KILL_AT * arguments.articles))
        lines = _run(command)
    steps, end = lines[:-1], lines[-1]
    first, last = steps[1], steps[-1]
    passages = (last["seen"] - first["seen"]) * end["passages"] / max(1, end["articles"])
    grown = (last["rss_mib"] - first["rss_mib"]) * 2**20 / max(1.0, passages)
    print(f"{end}; memory grew by {grown:.0f} bytes a passage")
    return 0 if end["articles"] == arguments.articles and grown <= ALLOWED_BYTES else 1


def _run(command: list[str], kill_at: int | None = None) -> list[dict[str, float]]:
    """The child's lines; it is killed once it has seen `kill_at` articles."""
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = []
    for line in child.stdout or ():
        lines.append(json.loads(line))
        print(f"{time.monotonic() - started:7.0f} s  {line.strip()}", flush=True)
        if kill_at is not None and lines[-1]["seen"] >= kill_at:
            child.send_signal(signal.SIGKILL)
            print("killed", flush=True)
            break
    child.wait()
    if kill_at is None and child.returncode:
        raise SystemExit(child.returncode)
    return lines


if __name__ == "__main__":
    sys.exit(main())
