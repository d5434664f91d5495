"""What a server needs besides its app: examples, a socket, a loop that ends in order.

In: a path, a host and port, an ASGI app. Out: example questions; the app served until interrupted.
Refuses to know: Gradio, answers.
"""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
from pathlib import Path

import uvicorn
from pydantic import TypeAdapter, ValidationError
from starlette.types import ASGIApp

from assistant.errors import SettingsError

logger = logging.getLogger(__name__)

_BACKLOG = 2048
# Open pages hold a stream each, which would keep a stopping server waiting for ever.
_STOP_LIMIT_S = 3


def read_examples(path: Path) -> list[str]:
    """Example questions from a JSON list of strings; none where there is no such file.

    Raises SettingsError for a file that is something else.
    """
    if not path.exists():
        return []
    try:
        return TypeAdapter(list[str]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise SettingsError(f"{path} must be a JSON list of example questions.") from error


def is_loopback(host: str) -> bool:
    """Whether a server on `host` is reached from this machine alone."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A listening socket (port 0: any free one). Raises SettingsError where there is none."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SettingsError(
            f"There is no address {host} to listen on ({error}). Set NEWS_ASSISTANT_HOST to one "
            "of this machine, such as 127.0.0.1."
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"Port {port} on {host} is taken or cannot be opened. Choose another with "
            "NEWS_ASSISTANT_PORT (0: any free one)."
        ) from error
    return listening


def run(app: ASGIApp, listening: socket.socket) -> None:
    """Serve `app` on the socket until interrupted (Ctrl-C or SIGTERM), then return."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_LIMIT_S,
    )
    # Uvicorn raises the signal again after it has stopped: by then it must not kill the process
    # before the archive is closed.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _Announcing(config).run(sockets=[listening])
    except KeyboardInterrupt:
        logger.info("Stopped.")
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()


class _Announcing(uvicorn.Server):
    """Says where it is open, once it is."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            logger.info("The chat is open at %s (Ctrl-C stops it).", _address(sockets[0]))


def _address(listening: socket.socket) -> str:
    """Where a browser on this machine finds the socket."""
    host, port = listening.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
