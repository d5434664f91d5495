"""What a server needs besides its page: examples, a port, a direct way to itself.

In: a path, a host. Out: example questions, a free port; `reach_directly` changes NO_PROXY.
Refuses to know: Gradio, answers.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.errors import SettingsError


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


def reach_directly(host: str) -> None:
    """Keep a configured proxy out of the way: Gradio calls its own server while it starts."""
    for name in ("NO_PROXY", "no_proxy"):
        known = [part for part in os.environ.get(name, "").split(",") if part]
        os.environ[name] = ",".join(dict.fromkeys([*known, "127.0.0.1", "localhost", host]))


def free_port(host: str) -> int:
    """A port of `host` that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
