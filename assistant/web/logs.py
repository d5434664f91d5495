"""How the server logs: plain lines on a terminal, JSON lines elsewhere.

In: the stream that logs go to. Out: structlog and the standard library's logging, both set up.
Refuses to know: what is logged. Whatever looks like one of our keys is blotted out before it is
written, wherever it came from.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_KEY = re.compile(r"\bna_[0-9a-f]{8}_[\w-]+|(?<=Bearer )\S+", re.ASCII)
_BLOT = "[secret]"
# They tell every request, or what every client does, at INFO.
_LOUD = ("httpx", "httpx2", "httpcore", "uvicorn", "chromadb", "multipart", "python_multipart")
_PLAIN = frozenset({"event", "level", "timestamp", "logger", "exception"})

Fields = MutableMapping[str, Any]


def configure_logs(stream: TextIO | None = None) -> None:
    """Log at INFO to `stream` (default: standard error)."""
    stream = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        _blot,
    ]
    as_text: structlog.types.Processor = (
        _plain_line if stream.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_text],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


def _blot(_logger: Any, _method: str, fields: Fields) -> Fields:
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = _KEY.sub(_BLOT, value)
    return fields


def _plain_line(_logger: Any, _method: str, fields: Fields) -> str:
    """The event, what was said with it, and a traceback where there is one."""
    more = " ".join(
        f"{name}={value}" for name, value in fields.items() if name not in _PLAIN and value
    )
    line = f"{fields['event']} {more}".rstrip()
    level = fields.get("level", "info")
    shown = line if level == "info" else f"{level.upper()}: {line}"
    return f"{shown}\n{fields['exception']}" if fields.get("exception") else shown
