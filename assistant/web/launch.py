"""The whole server: chat, API and what is mounted beside them, on one port.

In: an `Assistant`, `Settings`, example questions. Out: a server that runs until interrupted.
Refuses to know: what any part of it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from fastapi import FastAPI

from assistant.answering.assistant import Assistant
from assistant.settings import Settings
from assistant.web.access import Gate
from assistant.web.app import Extra, build_app
from assistant.web.serving import listen, run
from assistant.web.ui import chat_app


def whole_app(assistant: Assistant, settings: Settings, examples: Sequence[str] = ()) -> FastAPI:
    """Everything that is served: the API, the chat at "/", and the tools at "/mcp" where the extra
    `mcp` is installed.
    """
    tools = []
    if find_spec("mcp"):
        from assistant.web.mcp import mcp_app

        hosts = [settings.host, *settings.allowed_hosts]
        tools.append(Extra("/mcp", mcp_app(assistant, hosts=hosts)))
    chat = Extra("/", chat_app(assistant, settings, examples))
    return build_app(assistant, settings, [*tools, chat])


def launch(assistant: Assistant, settings: Settings, examples: Sequence[str] = ()) -> None:
    """Serve on `settings.host` and `.port` (0: any free one) until interrupted.

    Raises SettingsError where the port is taken, or where others could reach the server and no
    keys are set.
    """
    Gate(settings)  # first of all: an open server is not even started
    with listen(settings.host, settings.port) as listening:
        run(whole_app(assistant, settings, examples), listening)
