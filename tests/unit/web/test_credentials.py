"""Keys and logins on file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.errors import SettingsError
from assistant.web.credentials import Credentials
from assistant.web.roles import Role
from assistant.web.sessions import Sessions


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials(tmp_path / "keys.json")


def test_a_key_is_known_until_it_is_revoked(credentials: Credentials) -> None:
    key = credentials.add_key("desk", Role.INGEST)
    other = credentials.add_key("wire", Role.READ)
    found = credentials.check_key(key)
    assert found is not None
    assert (found.name, found.role) == ("desk", Role.INGEST)
    for wrong in ("", key[:-1], key + "x", key.upper(), "na_", "\ud800"):
        assert credentials.check_key(wrong) is None
    elsewhere = Credentials(credentials.path)
    assert elsewhere.check_key(key)
    assert credentials.revoke("desk") == 1
    assert elsewhere.check_key(key) is None
    assert credentials.check_key(other)
    assert credentials.revoke("nobody") == 0


def test_no_secret_is_on_file_and_others_cannot_read_it(credentials: Credentials) -> None:
    key = credentials.add_key("desk", Role.READ)
    credentials.add_login("ada", Role.READ, "correct horse battery")
    text = credentials.path.read_text()
    assert key not in text
    assert key.rpartition("_")[2] not in text
    assert "correct horse" not in text
    assert stat.S_IMODE(credentials.path.stat().st_mode) == 0o600


def test_keys_are_256_random_bits(credentials: Credentials) -> None:
    keys = {credentials.add_key("desk", Role.READ) for _ in range(5)}
    assert len(keys) == 5
    assert all(len(key.split("_", 2)[2]) == 43 for key in keys)


def test_a_login_needs_its_password(credentials: Credentials) -> None:
    credentials.add_login("ada", Role.READ, "correct horse battery")
    assert credentials.check_login("ada", "correct horse battery")
    assert credentials.check_login("ada", "correct horse batterY") is None
    assert credentials.check_login("eve", "correct horse battery") is None
    assert credentials.check_key("correct horse battery") is None
    with pytest.raises(SettingsError, match="already"):
        credentials.add_login("ada", Role.READ, "another long password")
    with pytest.raises(SettingsError, match="12 characters"):
        credentials.add_login("bob", Role.READ, "short")


def test_a_broken_file_lets_nobody_in(credentials: Credentials) -> None:
    key = credentials.add_key("desk", Role.READ)
    credentials.path.write_text("{")
    with pytest.raises(SettingsError, match="not a readable file of keys"):
        credentials.check_key(key)


def test_sessions_begin_and_end() -> None:
    sessions = Sessions()
    token = sessions.begin("abcd")
    assert sessions.whose(token) == "abcd"
    assert sessions.whose(token + "x") is None
    sessions.end(token)
    assert sessions.whose(token) is None


def test_the_command_prints_a_key_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "keys.json")
    assert main(["key", "add", "desk", "--role", "ingest", "--file", file]) == 0
    key = capsys.readouterr().out.strip()
    found = Credentials(Path(file)).check_key(key)
    assert found is not None
    assert main(["key", "list", "--file", file]) == 0
    listed = capsys.readouterr().out
    assert "desk" in listed
    assert key not in listed
    assert main(["key", "revoke", found.id, "--file", file]) == 0
    assert Credentials(Path(file)).check_key(key) is None
    assert main(["key", "revoke", "desk", "--file", file]) == 2
    assert main(["key", "add", "--file", file]) == 2
    assert main(["key", "list"]) == 2
