"""The HTTP API as a program meets it: answers, events, articles, problem documents."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")

from starlette.testclient import TestClient

from assistant.answering.assistant import Assistant
from assistant.settings import Settings
from assistant.web.app import Extra, build_app
from assistant.web.responses import AnswerOut, ArchiveOut, PassageOut

HOME = "http://127.0.0.1:7860"
DENIAL = "Who denied the arms sale?"
FERRY = {
    "url": "https://harbor-wire.example/2024/05/ferry",
    "title": "Ferry to Saltmarsh runs again",
    "text": "Captain Ilse Corran steered the ferry to Saltmarsh again on Tuesday, the port said.",
    "published_at": "2024-05-14",
    "publisher": "Harbor Wire",
}


@pytest.fixture(scope="module")
def client(corpus_assistant: Assistant) -> Iterator[TestClient]:
    app = build_app(corpus_assistant, corpus_assistant.settings)
    with TestClient(app, base_url=HOME) as opened:
        yield opened


def is_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response.headers["x-request-id"]
    assert "Traceback" not in response.text
    return body


def server_events(text: str) -> list[tuple[str, Any]]:
    events = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


def test_an_answer_has_the_promised_fields_and_verbatim_quotes(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": DENIAL})
    assert response.status_code == 200
    body = response.json()
    AnswerOut.model_validate(body)
    assert "North Korea" in body["answer"]
    for citation in body["citations"]:
        article = client.get(f"/api/articles/{citation['article']['id']}").json()
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_the_events_of_an_answer_add_up_to_it(client: TestClient) -> None:
    asked = {"question": DENIAL, "as_of": "2022-09-30"}
    response = client.post("/api/ask", json=asked, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = server_events(response.text)
    names = [name for name, _ in events]
    assert names[:2] == ["understood", "retrieved"]
    assert names[-1] == "answer"
    assert set(names[2:-1]) == {"text"}
    answer = events[-1][1]
    assert "".join(data["text"] for name, data in events if name == "text") == answer["text"]
    assert answer["filters"]["combined"]["as_of"] == "2022-09-30"


def test_history_filters_and_as_of_reach_the_pipeline(client: TestClient) -> None:
    asked = {
        "question": "And when did they deny it?",
        "history": [{"question": DENIAL, "answer": "North Korea"}],
        "filters": {"publishers": ["Harbor Wire"], "published_to": "2022-12-31"},
    }
    body = client.post("/api/ask", json=asked).json()
    assert body["standalone_question"] != asked["question"]
    assert {passage["publisher"] for passage in body["passages"]} == {"Harbor Wire"}


def test_what_the_archive_does_not_know_is_an_answer(client: TestClient) -> None:
    body = client.post("/api/ask", json={"question": "Who won the 1998 chess olympiad?"}).json()
    assert body["abstained"] is True
    assert body["answer"] == ""


def test_search_gives_passages_within_the_filters(client: TestClient) -> None:
    wanted = {"query": "arms sale", "limit": 3, "filters": {"publishers": ["harbor wire"]}}
    body = client.post("/api/search", json=wanted).json()
    assert 1 <= len(body["passages"]) <= 3
    for passage in body["passages"]:
        PassageOut.model_validate(passage)
        assert passage["publisher"] == "Harbor Wire"


def test_articles_are_added_changed_listed_read_and_removed(client: TestClient) -> None:
    before = client.get("/api/articles").json()["total"]
    added = client.post("/api/articles", json=FERRY)
    assert added.status_code == 201
    place = added.headers["location"]
    assert client.get(place).json()["text"] == FERRY["text"]
    assert client.post("/api/articles", json=FERRY).json()["unchanged"] == 1
    assert client.post("/api/articles", json=FERRY).status_code == 200
    asked = {"question": "Who steered the ferry to Saltmarsh?"}
    assert "Ilse Corran" in client.post("/api/ask", json=asked).json()["text"]
    changed = client.post("/api/articles", json=FERRY | {"title": "Ferry sails"})
    assert changed.json()["updated"] == 1
    assert client.get(place).json()["version"] == 2
    page = client.get("/api/articles", params={"limit": 200}).json()
    assert page["total"] == before + 1 == len(page["articles"])
    days = [article["published_at"] or "" for article in page["articles"]]
    assert days == sorted(days, reverse=True)
    assert all("text" not in article for article in page["articles"])
    assert client.delete(place).status_code == 204
    is_problem(client.get(place), 404)
    is_problem(client.delete(place), 404)


def test_pages_of_the_list_do_not_overlap(client: TestClient) -> None:
    ids = []
    for offset in range(0, 70, 7):
        page = client.get("/api/articles", params={"offset": offset, "limit": 7}).json()
        ids += [article["id"] for article in page["articles"]]
    assert len(ids) == len(set(ids)) == page["total"]
    one = client.get("/api/articles", params={"publisher": "HARBOR wire"}).json()
    assert 0 < one["total"] < page["total"]


def test_files_are_taken_in_and_bad_ones_named(client: TestClient) -> None:
    story = "Comet over Saltmarsh\n\nDorothea Quill discovered a comet over Saltmarsh on Friday.\n"
    sent = [
        ("files", ("../../etc/comet notes.txt", story)),
        ("files", ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0")),
        ("files", ("empty.md", "")),
        ("files", ("program.exe", b"MZ\x90\0")),
    ]
    body = client.post("/api/articles/files", files=sent).json()
    assert body["added"] == 1
    reasons = {one["source"]: one["reason"] for one in body["rejected"]}
    assert set(reasons) == {"picture.txt", "empty.md", "program.exe"}
    assert "picture" in reasons["picture.txt"]
    (found,) = [
        article
        for article in client.get("/api/articles", params={"limit": 200}).json()["articles"]
        if "comet" in article["url"]
    ]
    assert found["url"].startswith("upload:comet%20notes.txt?sha256=")
    assert client.delete(f"/api/articles/{found['id']}").status_code == 204


def test_the_archive_is_described_without_its_place(
    client: TestClient, corpus_assistant: Assistant
) -> None:
    response = client.get("/api/archive")
    assert ArchiveOut.model_validate(response.json()).articles == 64
    assert str(corpus_assistant.archive.path) not in response.text


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "words"),
    [
        ("POST", "/api/ask", {"json": {"question": "   "}}, 422, "empty"),
        ("POST", "/api/ask", {"json": {"question": "why " * 2_000}}, 422, "2,000"),
        ("POST", "/api/ask", {"json": {}}, 422, "Field required"),
        ("POST", "/api/ask", {"json": {"question": "x", "typo": 1}}, 422, "/typo"),
        ("POST", "/api/ask", {"content": b"{"}, 422, "JSON"),
        ("POST", "/api/ask", {"content": b"\xff\xfe{"}, 400, ""),
        ("POST", "/api/ask", {"json": {"question": "\ud800 who?"}}, 422, ""),
        (
            "POST", "/api/search",
            {"json": {"query": "x", "filters": {"published_from": "2023-01-01",
                                                "published_to": "2022-01-01"}}},
            422, "wrong way round",
        ),
        ("GET", "/api/ask", {}, 405, "Not Allowed"),
        ("GET", "/api/nothing", {}, 404, "nothing"),
        ("GET", "/nothing", {}, 404, "nothing"),
        ("GET", "/api/articles/0123456789abcdef", {}, 404, "no article"),
        ("GET", "/api/articles/..%2f..%2fetc%2fpasswd", {}, 404, ""),
        ("GET", "/api/articles?limit=100000", {}, 422, "limit"),
        ("POST", "/api/articles", {"json": FERRY | {"text": " "}}, 422, "text"),
        ("POST", "/api/articles", {"json": FERRY | {"published_at": "soon"}}, 422, "soon"),
        ("POST", "/api/articles/files", {"data": {"files": "text"}}, 422, "files"),
    ],
)  # fmt: skip
def test_every_mistake_is_a_problem_document(
    client: TestClient, method: str, path: str, sent: dict[str, Any], status: int, words: str
) -> None:
    if "json" in sent:  # the client's own encoder refuses lone surrogates
        sent = {"content": json.dumps(sent["json"])}
    if "content" in sent:
        sent["headers"] = {"Content-Type": "application/json"}
    body = is_problem(client.request(method, path, **sent), status)
    assert words in body["detail"]


def test_a_mistake_in_a_streamed_question_has_a_proper_status(client: TestClient) -> None:
    accept = {"Accept": "text/event-stream"}
    is_problem(client.post("/api/ask", json={"question": "?"}, headers=accept), 422)


def test_request_ids_are_taken_over_where_they_are_sane(client: TestClient) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "job-17.a"})
    assert given.headers["x-request-id"] == "job-17.a"
    made = client.get("/healthz", headers={"X-Request-ID": "a b" * 100})
    assert len(made.headers["x-request-id"]) == 32


def test_health_readiness_and_metrics(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    client.post("/api/ask", json={"question": DENIAL})
    client.get("/api/nothing/at/all")
    text = client.get("/metrics").text
    assert 'news_assistant_requests_total{method="POST",route="/api/ask",status="200"}' in text
    assert 'route="unmatched",status="404"' in text
    assert "/api/nothing" not in text
    assert 'news_assistant_stage_seconds_count{stage="read"}' in text
    assert 'news_assistant_answers_total{outcome="answered"}' in text


def test_the_openapi_document_has_examples_and_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    ask = document["paths"]["/api/ask"]["post"]
    assert set(ask["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    assert "application/problem+json" in ask["responses"]["503"]["content"]
    assert document["components"]["schemas"]["AskIn"]["examples"]


def test_a_fault_of_ours_is_a_500_that_tells_nothing(corpus_assistant: Assistant) -> None:
    app = build_app(corpus_assistant, corpus_assistant.settings)

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("password=secret")

    with TestClient(app, base_url=HOME) as client:
        response = client.get("/api/broken")
    assert "secret" not in response.text
    is_problem(response, 500)


def test_past_the_line_a_question_is_refused_with_retry_after(corpus_assistant: Assistant) -> None:
    settings = Settings(archive=corpus_assistant.archive.path, workers=1, waiting=1)
    with TestClient(build_app(corpus_assistant, settings), base_url=HOME) as client:
        responses: list[Any] = []

        def post() -> None:
            responses.append(client.post("/api/ask", json={"question": DENIAL}))

        threads = [threading.Thread(target=post) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    statuses = sorted(response.status_code for response in responses)
    assert statuses[:2] == [200, 200]
    refused = [response for response in responses if response.status_code != 200]
    assert refused
    for response in refused:
        is_problem(response, 503)
        assert int(response.headers["retry-after"]) >= 1


def test_an_extra_app_gets_its_prefix_and_only_that(corpus_assistant: Assistant) -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def named(name: str) -> Starlette:
        async def tell(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"{name} {request.url.path}")

        return Starlette(routes=[Route("/{path:path}", tell)])

    extras = [Extra("/", named("page")), Extra("/mcp", named("mcp"))]
    app = build_app(corpus_assistant, corpus_assistant.settings, extras)
    with TestClient(app, base_url=HOME) as client:
        assert client.get("/mcp").text == "mcp /mcp"
        assert client.get("/mcp/x").text == "mcp /mcp/x"
        assert client.get("/mcpx").text == "page /mcpx"
        is_problem(client.get("/api/nothing"), 404)
