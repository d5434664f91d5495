"""news-assistant mcp: the archive as tools for an assistant that speaks the protocol on stdio.

In: settings. Out: protocol messages on standard output, everything else on standard error.
Refuses to know: the tools.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from assistant.errors import NewsAssistantError
from assistant.settings import Settings

Run = Callable[[argparse.Namespace, Settings], None]


def add(command: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Register the subcommand."""
    command("mcp", run, "Serve the archive as tools (Model Context Protocol, on stdio).")


def run(_: argparse.Namespace, settings: Settings) -> None:
    """Serve until standard input ends."""
    from assistant.offline import go_offline

    go_offline()
    try:
        from assistant.web.mcp_stdio import serve_stdio
    except ModuleNotFoundError as error:
        raise NewsAssistantError(
            f"The tools need the MCP SDK: pip install 'news-assistant[mcp]' ({error.name} is "
            "missing)."
        ) from error
    serve_stdio(settings)
