"""Spans of an answer, sent to a real collector's endpoint; none where none is configured."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.testclient import TestClient

from assistant.answering.assistant import Assistant
from assistant.settings import Settings
from assistant.web.app import build_app
from tests.integration.test_api import HOME

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Span]]]:
    spans: list[Span] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    server.server_close()


def test_an_answer_is_a_trace_of_its_stages(
    corpus_assistant: Assistant, collector: tuple[str, list[Span]]
) -> None:
    endpoint, spans = collector
    settings = Settings(archive=corpus_assistant.archive.path, otlp_endpoint=endpoint)
    with TestClient(build_app(corpus_assistant, settings), base_url=HOME) as client:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "job-17"}
        asked = {"question": "Who denied the arms sale?"}
        answer = client.post("/api/ask", json=asked, headers=headers).json()
    by_name = {span.name: span for span in spans}
    assert set(by_name) == {"POST /api/ask", "ask", "understand", "retrieve", "read", "write"}
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    request, whole = by_name["POST /api/ask"], by_name["ask"]
    assert request.parent_span_id.hex() == PARENT
    assert whole.parent_span_id == request.span_id
    stages = [by_name[name] for name in ("understand", "retrieve", "read", "write")]
    assert all(span.parent_span_id == whole.span_id for span in stages)
    starts = [span.start_time_unix_nano for span in stages]
    assert starts == sorted(starts)
    read_ms = (stages[2].end_time_unix_nano - stages[2].start_time_unix_nano) / 1e6
    assert read_ms == pytest.approx(answer["timings_ms"]["read"], abs=0.2)
    told = {one.key: one.value.string_value for one in request.attributes}
    assert told["news_assistant.request_id"] == "job-17"


def test_nothing_is_sent_where_no_collector_is_named(
    corpus_assistant: Assistant, collector: tuple[str, list[Span]]
) -> None:
    _, spans = collector
    with TestClient(
        build_app(corpus_assistant, corpus_assistant.settings), base_url=HOME
    ) as client:
        client.post("/api/search", json={"query": "ferry"})
    assert not spans
