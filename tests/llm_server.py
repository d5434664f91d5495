"""A server that speaks the OpenAI protocol on a real socket and does what a script tells it.

Each request is answered by the next behaviour of the script, the last one for ever. A behaviour
gets the request's JSON and the handler, and writes to the socket what it likes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], None]
Words = str | Callable[[str], str]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.requests.append(body)
            self.server.headers.append(dict(self.headers))
            script = self.server.script
            behave = script.pop(0) if len(script) > 1 else script[0]
        try:
            behave(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()
        self.close_connection = True

    def begin(self, kind: str = "text/event-stream", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("connection", "close")
        self.end_headers()

    def piece(self, text: str) -> None:
        chunk = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "scripted",
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
        }
        self.raw(f"data: {json.dumps(chunk)}\n\n")

    def raw(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: list[Behaviour]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def prompt(self, number: int = -1) -> str:
        """All messages of a request in one string."""
        return "\n".join(message["content"] for message in self.requests[number]["messages"])

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving(*script: Behaviour) -> Iterator[Server]:
    server = Server(list(script))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def says(words: Words, *, every: int = 7) -> Behaviour:
    """A proper stream of words (made from the prompt if callable), `every` characters a piece."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        prompt = "\n".join(message["content"] for message in body["messages"])
        text = words(prompt) if callable(words) else words
        if not body.get("stream"):
            handler.begin("application/json")
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            whole = {"id": "1", "object": "chat.completion", "created": 1, "model": "scripted"}
            handler.raw(json.dumps({**whole, "choices": [choice]}))
            return
        handler.begin()
        for start in range(0, len(text), every):
            handler.piece(text[start : start + every])
        handler.raw("data: [DONE]\n\n")

    return behave


def breaks_off(words: Words) -> Behaviour:
    """Streams the words and then resets the connection."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        prompt = "\n".join(message["content"] for message in body["messages"])
        handler.begin()
        handler.piece(words(prompt) if callable(words) else words)
        handler.connection.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # SO_LINGER: RST
        handler.connection.close()

    return behave


def status(code: int, text: str = '{"error": {"message": "no"}}') -> Behaviour:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin("application/json", code)
        handler.raw(text)

    return behave


def raw(text: str, kind: str = "text/event-stream") -> Behaviour:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin(kind)
        handler.raw(text)

    return behave


def silent(seconds: float) -> Behaviour:
    """Takes the question and says nothing."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        time.sleep(seconds)

    return behave


def endless(piece: str, pause: float = 0.0) -> Behaviour:
    """Streams the same piece until the other end has hung up."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            handler.piece(piece)
            time.sleep(pause)

    return behave


def pings(seconds: float) -> Behaviour:
    """Signs of life without a word."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            handler.raw(": still here\n\n")
            time.sleep(0.05)

    return behave
