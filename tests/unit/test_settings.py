"""Settings: where they come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import load_settings


def test_order_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s.toml"
    file.write_text("port = 1111\ntop_k = 7\nread_n = 8\n")
    monkeypatch.setenv("NEWS_ASSISTANT_TOP_K", "9")
    chosen = load_settings(file, port=2222, archive=None)
    assert (chosen.port, chosen.top_k, chosen.read_n) == (2222, 9, 8)
    assert chosen.archive == Path("archive")


@pytest.mark.parametrize("text", ["prot = 1", "port = 'x'", "port = ", "chunk_tokens = 3"])
def test_wrong_files_are_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"prot|port|settings file|chunk_tokens"):
        load_settings(file)


def test_unknown_variables_and_overrides_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="colour"):
        load_settings(colour="red")
    monkeypatch.setenv("NEWS_ASSISTANT_CHUNKTOKENS", "3")
    with pytest.raises(SettingsError, match="chunktokens"):
        load_settings()
