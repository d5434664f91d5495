"""Promises about the package itself: importing is free, everything is offline, the wheel works."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import textwrap
import venv
from pathlib import Path

import pytest

from assistant.cli import _parser
from assistant.commands import mcp
from tests.conftest import ROOT


def child(code: str, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


def test_importing_is_free(tmp_path: Path) -> None:
    done = child(
        """
        import socket, sys
        socket.socket.connect = lambda *_: sys.exit("reached the network")
        import assistant
        heavy = {"torch", "chromadb", "llama_index", "gradio", "onnxruntime", "trafilatura"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        from assistant import Article, Settings
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_asking_loads_neither_torch_nor_gradio(tmp_path: Path) -> None:
    done = child(
        """
        import sys
        from assistant import Assistant, Settings
        with Assistant.open(Settings(archive="a")) as assistant:
            assistant.ask("Who?")
        assert not {"torch", "gradio", "transformers"} & set(sys.modules)
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_ingest_ask_and_serve_without_network(tmp_path: Path) -> None:
    """Any connection or look-up that leaves the machine ends the process with an error."""
    done = child(
        """
        import socket, sys, threading, urllib.request
        real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo
        outside = []

        def local(host):
            return str(host) in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "None")

        def connect(self, address):
            if isinstance(address, tuple) and not local(address[0]):
                outside.append(address)
                raise OSError("blocked")
            return real_connect(self, address)

        def look_up(host, *rest, **named):
            if not local(host):
                outside.append(host)
                raise OSError("blocked")
            return real_lookup(host, *rest, **named)

        socket.socket.connect, socket.getaddrinfo = connect, look_up
        from pathlib import Path
        from assistant import Assistant, Settings, load_articles
        settings = Settings(archive="a", port=0)
        with Assistant.open(settings) as assistant:
            assistant.archive.ingest(load_articles([sys.argv[1]]))
            assert assistant.ask("Who denied the arms sale?").passages
            from assistant.web.launch import launch
            from assistant.web.serving import listen
            with listen("127.0.0.1", 0) as probe:
                port = probe.getsockname()[1]
            settings = Settings(archive="a", port=port)

            def visit():
                import os, signal, time
                for _ in range(300):
                    try:
                        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read()
                        break
                    except OSError:
                        time.sleep(0.1)
                assert b"gradio" in page
                seen.append(True)
                time.sleep(1)
                os.kill(os.getpid(), signal.SIGTERM)

            seen = []
            threading.Thread(target=visit, daemon=True).start()
            launch(assistant, settings)
            assert seen
            assert not outside, outside
        """,
        tmp_path,
        str(ROOT / "corpus"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readmes_snippets_run(tmp_path: Path) -> None:
    """Each in a process of its own, one after the other: the first makes the archive."""
    readme = (ROOT / "README.md").read_text("utf-8")
    snippets = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len([line for line in snippets[0].splitlines() if line.strip()]) < 10
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    for snippet in snippets:
        if "langchain" in snippet and not importlib.util.find_spec("langchain_core"):
            continue
        done = child(snippet, tmp_path)
        assert done.returncode == 0, done.stderr
        assert "north-korea-denies-arms-sale" in done.stdout


def test_the_readmes_mcp_configuration_starts_a_command_that_exists() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (configuration,) = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    server = json.loads(configuration)["mcpServers"]["news"]
    assert server["command"] == ".venv/bin/news-assistant"
    parsed = _parser().parse_args(server["args"])
    assert parsed.run is mcp.run
    assert parsed.archive == Path("my-archive")


@pytest.mark.slow
def test_an_installed_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    """Builds the wheel, installs it alone into an environment that sees our packages, and asks."""
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    # The dependencies come from this environment; the package itself only from the wheel.
    ours = [entry for entry in sys.path if entry.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(ours))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target",
         str(site), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    report = tmp_path / "report.txt"
    report.write_text(
        "Vote in Marlow\n\nMayor Ada Finch said the plan would cost 7 million crowns."
    )
    code = """
        import assistant, sys
        assert "site-packages" in assistant.__file__ and sys.argv[1] in assistant.__file__
        from assistant.cli import main
        assert main(["ingest", sys.argv[2], "--archive", "w"]) == 0
        assert main(["ask", "How much would the plan cost?", "--archive", "w", "--json"]) == 0
    """
    done = subprocess.run(
        [str(python), "-c", textwrap.dedent(code), str(site), str(report)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "7 million" in done.stdout
