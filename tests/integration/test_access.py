"""Who may do what, how often and how much; from which pages and by which names."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")

from starlette.testclient import TestClient

from assistant.answering.assistant import Assistant
from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.access import COOKIE, Gate, needed
from assistant.web.app import build_app
from assistant.web.credentials import Credentials
from assistant.web.launch import whole_app
from assistant.web.limits import LARGEST_JSON, REFUSALS_A_MINUTE, SIGN_INS_A_MINUTE
from assistant.web.logs import configure_logs
from assistant.web.roles import Role
from tests.integration.test_api import FERRY, HOME, is_problem

PASSWORD = "correct horse battery"


class Office:
    """A guarded server, chat included, with a reader's key, an ingester's key and a login."""

    def __init__(self, assistant: Assistant, place: Path) -> None:
        self.credentials = Credentials(place / "keys.json")
        self.read = {"Authorization": f"Bearer {self.credentials.add_key('reader', Role.READ)}"}
        self.ingest = {"X-API-Key": self.credentials.add_key("desk", Role.INGEST)}
        self.credentials.add_login("ada", Role.READ, PASSWORD)
        self.settings = Settings(
            archive=assistant.archive.path,
            host="0.0.0.0",
            api_keys_file=self.credentials.path,
            max_upload_mb=1,
        )
        self.app = whole_app(assistant, self.settings)


@pytest.fixture(scope="module")
def office(corpus_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Office:
    pytest.importorskip("gradio", reason="the web extra is not installed")
    return Office(corpus_assistant, tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def running(office: Office) -> Iterator[TestClient]:
    with TestClient(office.app, base_url="http://news.example", follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def client(running: TestClient) -> TestClient:
    running.cookies.clear()
    return running


def local(assistant: Assistant, **settings: Any) -> TestClient:
    """An unguarded server on loopback."""
    chosen = Settings(archive=assistant.archive.path, **settings)
    return TestClient(build_app(assistant, chosen), base_url=HOME, follow_redirects=False)


# -- keys and roles ---------------------------------------------------------------------------


def test_an_open_server_without_keys_is_refused(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.168.1.4"):
        with pytest.raises(SettingsError, match="news-assistant key add"):
            Gate(Settings(host=host))
    with pytest.raises(SettingsError, match="There are no keys"):
        Gate(Settings(api_keys_file=tmp_path / "none.json"))
    Gate(Settings(host="127.0.0.1"))


def every_route(office: Office) -> list[tuple[str, str]]:
    document = office.app.openapi()
    return [
        (method.upper(), path.replace("{id}", "0123456789abcdef"))
        for path, methods in document["paths"].items()
        for method in methods
    ]


def test_without_a_key_nothing_is_served_but_health(client: TestClient, office: Office) -> None:
    routes = [
        *every_route(office), ("GET", "/"), ("GET", "/config"), ("GET", "/openapi.json"),
        ("GET", "/gradio_api/info"), ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/queue/join"), ("GET", "/theme.css"), ("GET", "/nothing"),
    ]  # fmt: skip
    for method, path in routes:
        if path in ("/healthz", "/readyz"):
            assert client.request(method, path).status_code == 200
        else:
            response = client.request(method, path)
            is_problem(response, 401)
            assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_reader_asks_but_changes_nothing(client: TestClient, office: Office) -> None:
    asked = {"question": "Who denied the arms sale?"}
    assert client.post("/api/ask", json=asked, headers=office.read).status_code == 200
    assert client.get("/api/articles", headers=office.read).status_code == 200
    is_problem(client.post("/api/articles", json=FERRY, headers=office.read), 403)
    files = [("files", ("a.txt", "Some text about ferries."))]
    for path in ("/api/articles/files", "/gradio_api/upload"):
        is_problem(client.post(path, files=files, headers=office.read), 403)
    listed = client.get("/api/articles", headers=office.read).json()["articles"]
    is_problem(client.delete(f"/api/articles/{listed[0]['id']}", headers=office.read), 403)


def test_an_ingester_changes_the_archive(client: TestClient, office: Office) -> None:
    added = client.post("/api/articles", json=FERRY, headers=office.ingest)
    assert added.status_code == 201
    gone = client.delete(added.headers["location"], headers=office.ingest)
    assert gone.status_code == 204


def test_a_route_that_is_not_named_needs_the_stronger_role() -> None:
    assert needed("POST", "/api/something-new") is Role.INGEST
    assert needed("PUT", "/api/ask/x") is Role.INGEST
    assert needed("POST", "/v1/chat/completions") is Role.READ
    assert needed("GET", "/anything") is Role.READ
    assert needed("GET", "/healthz/") is Role.READ


def test_a_revoked_key_stops_working_at_once(client: TestClient, office: Office) -> None:
    key = office.credentials.add_key("intern", Role.READ)
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/archive", headers=headers).status_code == 200
    office.credentials.revoke("intern")
    is_problem(client.get("/api/archive", headers=headers), 401)


# -- the browser's login ----------------------------------------------------------------------


def test_a_browser_is_sent_to_the_login_and_gets_a_session(client: TestClient) -> None:
    sent = client.get("/", headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login")
    form = client.get("/login")
    assert "form-action 'self'" in form.headers["content-security-policy"]
    assert form.headers["referrer-policy"] == "same-origin"
    wrong = client.post("/login", data={"name": "ada", "password": "wrong password"})
    assert wrong.status_code == 403
    assert COOKIE not in wrong.headers.get("set-cookie", "")
    signed_in = client.post("/login", data={"name": "ada", "password": PASSWORD})
    assert signed_in.status_code == 303
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "gradio" in page.text
    assert "ada" in client.get("/login").text
    is_problem(client.post("/api/articles", json=FERRY), 403)
    client.post("/logout")
    is_problem(client.get("/api/archive"), 401)


def test_a_key_signs_a_browser_in(client: TestClient, office: Office) -> None:
    key = office.ingest["X-API-Key"]
    assert client.post("/login", data={"password": key}).status_code == 303
    assert client.get("/api/archive").status_code == 200


def test_a_reader_cannot_call_the_chats_ingest_behind_the_page(
    client: TestClient, office: Office
) -> None:
    config = client.get("/config", headers=office.read).json()
    (uploading,) = [one["id"] for one in config["dependencies"] if one["api_name"] == "uploaded"]
    call = {"fn_index": uploading, "data": [[]], "session_hash": "s1"}
    joined = client.post("/gradio_api/queue/join", json=call, headers=office.read)
    assert joined.status_code == 200
    with client.stream(
        "GET", "/gradio_api/queue/data?session_hash=s1", headers=office.read
    ) as stream:
        text = ""
        for piece in stream.iter_text():
            text += piece
            if "process_completed" in text:
                break
    assert "Your login may ask" in text


# -- names and pages --------------------------------------------------------------------------


def test_on_loopback_only_known_names_are_served(corpus_assistant: Assistant) -> None:
    with local(corpus_assistant, allowed_hosts="news.internal") as client:
        for host in ("127.0.0.1:7860", "localhost", "[::1]:7860", "news.internal"):
            assert client.get("/healthz", headers={"Host": host}).status_code == 200
        for host in ("evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "["):
            is_problem(client.get("/healthz", headers={"Host": host}), 421)


def test_pages_of_other_sites_change_and_ask_nothing(corpus_assistant: Assistant) -> None:
    story = [("files", ("a.txt", "Some text about ferries."))]
    with local(corpus_assistant) as client:
        for origin in ("https://evil.example", "null", "http://127.0.0.1:9", "http://["):
            headers = {"Origin": origin}
            is_problem(client.post("/api/articles/files", files=story, headers=headers), 403)
        own = client.post("/api/search", json={"query": "ferry"}, headers={"Origin": HOME})
        assert own.status_code == 200
        assert "access-control-allow-origin" not in own.headers


def test_cors_is_closed_unless_an_origin_is_named(corpus_assistant: Assistant) -> None:
    ask = {
        "Origin": "https://desk.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }  # fmt: skip
    with local(corpus_assistant) as client:
        assert "access-control-allow-origin" not in client.options("/api/ask", headers=ask).headers
    with local(corpus_assistant, cors_origins="https://desk.example") as client:
        answer = client.options("/api/ask", headers=ask)
        assert answer.headers["access-control-allow-origin"] == "https://desk.example"
        assert "access-control-allow-credentials" not in answer.headers
        headers = {"Origin": "https://desk.example"}
        found = client.post("/api/search", json={"query": "ferry"}, headers=headers)
        assert found.headers["access-control-allow-origin"] == "https://desk.example"
        other = client.options("/api/ask", headers=ask | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_the_chat_opens_no_cors_of_its_own(client: TestClient, office: Office) -> None:
    for origin in ("http://localhost:9", "https://evil.example", "null"):
        response = client.get("/config", headers=office.read | {"Origin": origin})
        assert response.status_code == 200
        assert "access-control-allow-origin" not in response.headers


def test_every_response_has_its_guards(client: TestClient, office: Office) -> None:
    for path in ("/", "/api/archive", "/nothing", "/login", "/healthz", "/openapi.json"):
        headers = client.get(path, headers=office.read).headers
        assert headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == ("same-origin" if path == "/login" else "no-referrer")
        assert headers["cross-origin-opener-policy"] == "same-origin"


def test_no_file_of_the_server_is_served(client: TestClient, office: Office) -> None:
    secret = office.credentials.path
    for path in (
        f"/gradio_api/file={secret}", f"/file={secret}", "/static/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd", f"/gradio_api/file=..%2f..%2f{secret}",
        "/svelte/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
    ):  # fmt: skip
        response = client.get(path, headers=office.ingest)
        assert response.status_code in (400, 403, 404), path
        assert "root:" not in response.text
        assert '"digest"' not in response.text


# -- how often, how much ----------------------------------------------------------------------


def test_past_the_limit_a_key_waits_and_others_do_not(
    corpus_assistant: Assistant, tmp_path: Path
) -> None:
    credentials = Credentials(tmp_path / "keys.json")
    keys = [{"X-API-Key": credentials.add_key(name, Role.READ)} for name in ("one", "two")]
    with local(corpus_assistant, requests_per_minute=3, api_keys_file=credentials.path) as client:
        for _ in range(3):
            assert client.get("/api/articles", headers=keys[0]).status_code == 200
        refused = client.get("/api/articles", headers=keys[0])
        is_problem(refused, 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert client.get("/api/articles", headers=keys[1]).status_code == 200
        assert client.get("/healthz", headers=keys[0]).status_code == 200


def test_guessing_keys_and_passwords_is_slow(corpus_assistant: Assistant, tmp_path: Path) -> None:
    credentials = Credentials(tmp_path / "keys.json")
    key = credentials.add_key("desk", Role.READ)
    with local(corpus_assistant, api_keys_file=credentials.path) as client:
        tries = [client.post("/login", data={"password": "na_x"}) for _ in range(12)]
        assert [one.status_code for one in tries].count(403) == SIGN_INS_A_MINUTE
        is_problem(tries[-1], 429)
        wrong = {"Authorization": "Bearer na_wrong"}
        guesses = [client.get("/api/archive", headers=wrong) for _ in range(REFUSALS_A_MINUTE + 1)]
        assert guesses[-2].status_code == 401
        is_problem(guesses[-1], 429)
        assert int(guesses[-1].headers["retry-after"]) >= 1
        assert client.get("/api/archive", headers={"X-API-Key": key}).status_code == 200


def test_large_requests_are_cut_off_with_and_without_a_length(
    client: TestClient, office: Office
) -> None:
    big = json.dumps({"question": "x" * LARGEST_JSON}).encode()
    headers = office.read | {"Content-Type": "application/json"}
    is_problem(client.post("/api/ask", content=big, headers=headers), 413)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(big), 65_536):
            yield big[start : start + 65_536]

    is_problem(client.post("/api/ask", content=pieces(), headers=headers), 413)
    files = [("files", ("big.txt", b"word " * 300_000))]
    is_problem(client.post("/api/articles/files", files=files, headers=office.ingest), 413)
    many = [("files", (f"{n}.txt", b"word " * 190_000)) for n in range(12)]
    is_problem(client.post("/gradio_api/upload", files=many, headers=office.ingest), 413)


# -- logs -------------------------------------------------------------------------------------


def test_requests_are_logged_as_json_lines_without_secrets(
    client: TestClient, office: Office
) -> None:
    log = io.StringIO()
    before = logging.getLogger().handlers[:]
    configure_logs(log)
    try:
        headers = office.ingest | {"X-Request-ID": "job-17"}
        client.get("/api/archive?key=hidden", headers=headers)
        client.post("/login", data={"name": "ada", "password": PASSWORD})
        logging.getLogger("assistant").warning("a key: %s", office.ingest["X-API-Key"])
    finally:
        logging.getLogger().handlers[:] = before
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (seen,) = [line for line in lines if line.get("request_id") == "job-17"]
    assert (seen["event"], seen["status"], seen["who"]) == ("request", 200, "desk")
    assert seen["path"] == "/api/archive"
    for secret in ("hidden", PASSWORD, office.ingest["X-API-Key"], "Bearer"):
        assert secret not in log.getvalue()
    assert "[secret]" in log.getvalue()
