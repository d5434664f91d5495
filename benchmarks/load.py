"""Many clients at once against a real server: latency, refusals, memory, the line.

In: a number of clients, a time. Out: figures on standard output, exit code 1 where the promise is
not kept: nothing but answers and 503s, and p95 within 4 × unloaded p50 × clients per core.
    python -m benchmarks.load --clients 32 --seconds 120
Refuses to know: whether answers are right. Articles are added all the while, one every two seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
START_LIMIT_S = 120
TIMEOUT_S = 120
UNLOADED = 20
INGEST_EVERY_S = 2.0
WATCH_EVERY_S = 1.0
# What was promised: p95 within this many times of the unloaded p50 × clients per core.
FACTOR = 4.0
_WAITING = re.compile(r'news_assistant_jobs\{pool="asking",state="waiting"\} ([\d.]+)')
_MEMORY = re.compile(r"process_resident_memory_bytes ([\d.e+]+)")


@dataclass(slots=True)
class Figures:
    """What was seen. Seconds; bytes."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    longest_line: int = 0
    memory: list[float] = field(default_factory=list)
    added: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--waiting", type=int, default=64, help="places in the server's line")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        server, address = _start(Path(place), chosen.waiting)
        try:
            return asyncio.run(_measure(address, chosen.clients, chosen.seconds))
        finally:
            server.terminate()
            server.wait(30)


def _start(place: Path, waiting: int) -> tuple[subprocess.Popen[str], str]:
    environment = os.environ | {
        "NEWS_ASSISTANT_ARCHIVE": str(place / "archive"),
        "NEWS_ASSISTANT_PORT": "0",
        "NEWS_ASSISTANT_REQUESTS_PER_MINUTE": "0",
        "NEWS_ASSISTANT_WAITING": str(waiting),
        "PYTHONPATH": str(ROOT),
    }
    news = [sys.executable, "-m", "assistant.cli"]
    subprocess.run([*news, "ingest", str(CORPUS)], env=environment, check=True)
    log = place / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*news, "serve"], env=environment, stderr=output, cwd=place, text=True
        )
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        found = re.search(r"open at (http://[\d.:]+)/", log.read_text())
        if found:
            return server, found[1]
        if server.poll() is not None:
            break
        time.sleep(0.2)
    server.kill()
    raise SystemExit(f"The server did not start:\n{log.read_text()}")


async def _measure(address: str, clients: int, seconds: float) -> int:
    lines = (CORPUS / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    limits = httpx2.Limits(max_connections=clients + 4)
    async with httpx2.AsyncClient(base_url=address, timeout=TIMEOUT_S, limits=limits) as client:
        unloaded = []
        for question in questions[:UNLOADED]:
            started = time.perf_counter()
            (await client.post("/api/ask", json={"question": question})).raise_for_status()
            unloaded.append(time.perf_counter() - started)
        figures = Figures()
        until = time.monotonic() + seconds
        began = time.perf_counter()
        await asyncio.gather(
            *(_ask(client, questions, number, until, figures) for number in range(clients)),
            _ingest(client, until, figures),
            _watch(client, until, figures),
        )
        spent = time.perf_counter() - began
    return _report(statistics.median(unloaded), figures, clients, spent)


async def _ask(
    client: httpx2.AsyncClient, questions: list[str], number: int, until: float, seen: Figures
) -> None:
    turn = number
    while time.monotonic() < until:
        question = questions[turn % len(questions)]
        turn += 7  # clients start apart and step alike: few ask the same at once
        started = time.perf_counter()
        try:
            response = await client.post("/api/ask", json={"question": question})
        except httpx2.HTTPError as error:
            seen.statuses[type(error).__name__] += 1
            continue
        seen.statuses[str(response.status_code)] += 1
        if response.status_code == 200:
            seen.latencies.append(time.perf_counter() - started)
        elif "retry-after" in response.headers:
            await asyncio.sleep(int(response.headers["retry-after"]))


async def _ingest(client: httpx2.AsyncClient, until: float, seen: Figures) -> None:
    while time.monotonic() < until:
        number = seen.added
        article = {
            "url": f"https://load.example/{number}",
            "title": f"Council of Marlow votes on item {number}",
            "text": f"The council of Marlow voted on item {number} on Tuesday. " * 10,
            "published_at": "2024-05-14",
        }
        response = await client.post("/api/articles", json=article)
        if response.status_code != 201:
            seen.statuses[f"ingest {response.status_code}"] += 1
        seen.added += 1
        await asyncio.sleep(INGEST_EVERY_S)


async def _watch(client: httpx2.AsyncClient, until: float, seen: Figures) -> None:
    while time.monotonic() < until:
        text = (await client.get("/metrics")).text
        if waiting := _WAITING.search(text):
            seen.longest_line = max(seen.longest_line, round(float(waiting[1])))
        if memory := _MEMORY.search(text):
            seen.memory.append(float(memory[1]))
        await asyncio.sleep(WATCH_EVERY_S)


def _report(unloaded_p50: float, seen: Figures, clients: int, spent: float) -> int:
    cores = len(os.sched_getaffinity(0))
    latencies = sorted(seen.latencies)
    p50, p95 = (latencies[round(share * (len(latencies) - 1))] for share in (0.5, 0.95))
    allowed = FACTOR * unloaded_p50 * clients / cores
    unexpected = {status: n for status, n in seen.statuses.items() if status not in ("200", "503")}
    kept = p95 <= allowed and not unexpected
    print(f"unloaded: p50 {unloaded_p50:.2f} s")
    print(
        f"{clients} clients, {cores} cores, {spent:.0f} s: {dict(seen.statuses)}, "
        f"{len(latencies) / spent:.1f} answers/s, {seen.added} articles added meanwhile"
    )
    print(
        f"p50 {p50:.2f} s, p95 {p95:.2f} s (allowed: {allowed:.2f} s), "
        f"longest {latencies[-1]:.2f} s"
    )
    print(
        f"longest line {seen.longest_line}; memory {seen.memory[0] / 1e6:.0f} MB at first, "
        f"{max(seen.memory) / 1e6:.0f} MB at most, {seen.memory[-1] / 1e6:.0f} MB at last"
    )
    print("kept" if kept else "NOT kept")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
