"""The serve command as a process: where it says it is, how it ends, when it does not start."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from assistant.cli import main

START_LIMIT_S = 120


def test_it_says_where_it_is_open_logs_json_and_ends_in_order(tmp_path: Path) -> None:
    pytest.importorskip("gradio", reason="the web extra is not installed")
    log = tmp_path / "log"
    archive = tmp_path / "archive"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "assistant.cli", "serve", "--port", "0", "--archive", archive],
            stderr=output,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
        )
    try:
        until = time.monotonic() + START_LIMIT_S
        while not (found := re.search(r"open at (http://127\.0\.0\.1:\d+/)", log.read_text())):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        with urllib.request.urlopen(f"{found[1]}healthz") as response:
            assert json.load(response) == {"status": "ok"}
        assert (archive / "owner.json").exists()
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0
    finally:
        server.kill()
    assert not (archive / "owner.json").exists()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert any(line.get("path") == "/healthz" and line["request_id"] for line in lines)
    assert lines[-1]["event"] == "Stopped."


def test_a_busy_port_and_an_open_server_exit_2_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # the command puts in its own
    pytest.importorskip("gradio", reason="the web extra is not installed")
    archive = str(tmp_path / "archive")
    assert main(["serve", "--host", "0.0.0.0", "--archive", archive]) == 2
    assert "news-assistant key add" in capsys.readouterr().err
    assert not Path(archive).exists()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port, "--archive", archive]) == 2
    assert "NEWS_ASSISTANT_PORT" in capsys.readouterr().err
