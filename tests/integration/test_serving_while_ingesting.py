"""Asked while articles come in: whole versions only, and no question waits for an ingest."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")

from starlette.testclient import TestClient

from assistant.answering.assistant import Assistant
from assistant.settings import Settings
from assistant.types import article_id
from assistant.web.app import build_app
from tests.conftest import article
from tests.integration.test_api import HOME

URL = "https://harbor-wire.example/zorvex"
PARAGRAPHS = 6
VERSIONS = 4


def story(version: int) -> dict[str, str]:
    """Six paragraphs, each a passage of its own, in words of their version."""
    paragraphs = [
        f"Part {number} of version {version} tells about the comet Zorvex. "
        + f"The observatory of Marlow measured Zorvex again on day {number}. " * 6
        for number in range(PARAGRAPHS)
    ]
    return {"url": URL, "title": f"Zorvex, version {version}", "text": "\n\n".join(paragraphs)}


def test_an_article_is_seen_whole_or_not_at_all(tmp_path: Path) -> None:
    settings = Settings(
        archive=tmp_path / "archive", chunk_tokens=80, read_n=2, requests_per_minute=0
    )
    seen: list[tuple[frozenset[str], int]] = []
    done = threading.Event()
    with (
        Assistant.open(settings) as assistant,
        TestClient(build_app(assistant, settings), base_url=HOME) as client,
    ):
        wanted = {
            "query": "comet Zorvex", "limit": 100, "filters": {"articles": [article_id(URL)]},
        }  # fmt: skip

        def watch() -> None:
            while not done.is_set():
                found = client.post("/api/search", json=wanted).json()["passages"]
                for passage in found:
                    assert "Zorvex" in passage["text"]
                versions = frozenset(passage["id"].split(".")[1] for passage in found)
                seen.append((versions, len(found)))

        watchers = [threading.Thread(target=watch) for _ in range(2)]
        for watcher in watchers:
            watcher.start()
        whole = {}
        for version in range(1, VERSIONS + 1):
            added = client.post("/api/articles", json=story(version)).json()
            whole[str(version)] = added["passages"]
            time.sleep(0.3)
        client.delete(f"/api/articles/{article_id(URL)}")
        done.set()
        for watcher in watchers:
            watcher.join()
    assert min(whole.values()) >= PARAGRAPHS
    assert len({versions for versions, _ in seen}) >= 3
    for versions, count in seen:
        assert len(versions) <= 1, "passages of two versions together"
        assert count in (0, *(whole[version] for version in versions)), "a part of an article"


def test_a_question_does_not_wait_for_a_long_ingest(corpus_assistant: Assistant) -> None:
    started, finish = threading.Event(), threading.Event()

    def slowly():
        started.set()
        finish.wait(30)
        yield article(77)

    ingest = threading.Thread(target=corpus_assistant.archive.ingest, args=(slowly(),))
    app = build_app(corpus_assistant, corpus_assistant.settings)
    with TestClient(app, base_url=HOME) as client:
        ingest.start()
        try:
            assert started.wait(10)
            response = client.post("/api/ask", json={"question": "Who denied the arms sale?"})
            assert response.status_code == 200
            assert ingest.is_alive()
        finally:
            finish.set()
            ingest.join()
            corpus_assistant.archive.remove([article(77).url])
