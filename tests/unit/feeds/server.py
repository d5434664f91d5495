"""A real HTTP server on the loopback address, told by each test how to (mis)behave."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"


@dataclass
class Reply:
    """What to answer; `chunks` are sent one by one, `pause_s` apart, for ever if they are."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = HTML
    chunks: Iterator[bytes] | None = None
    pause_s: float = 0.0
    before_s: float = 0.0


Route = Reply | Callable[[Mapping[str, str]], Reply]


class BadServer:
    """Serves `routes`; `asked` lists the paths in the order in which they were asked for."""

    def __init__(self, certificate: Path | None = None, key: Path | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[str] = []
        self.times: list[float] = []
        self.heads: list[Mapping[str, str]] = []
        self.stopping = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append(self.path)
                owner.times.append(time.monotonic())
                owner.heads.append(dict(self.headers))
                route = owner.routes.get(self.path, Reply(status=404))
                reply = route if isinstance(route, Reply) else route(dict(self.headers))
                owner.stopping.wait(reply.before_s)
                try:
                    self._send(reply)
                except OSError:
                    return  # the client has hung up, as it should

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.chunks is None:
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)
                    return
                self.end_headers()
                for chunk in reply.chunks:
                    self.wfile.write(chunk)
                    self.wfile.flush()
                    if owner.stopping.wait(reply.pause_s):
                        return

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate, key)
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def page(self, path: str, reply: Route) -> str:
        """Serve a reply at a path; returns its URL."""
        self.routes[path] = reply
        return self.base + path

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
