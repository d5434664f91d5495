"""news-assistant key: make, list and revoke keys and logins for the server.

In: arguments, a password from the terminal. Out: a key, once, on standard output.
Refuses to know: how keys are checked when they are used.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import SettingsError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.web.credentials import Credential

Command = Callable[
    [str, Callable[[argparse.Namespace, Settings], None], str], argparse.ArgumentParser
]


def add(command: Command) -> None:
    """Register the command."""
    parser = command("key", run, "Make, list or revoke keys and logins for the server.")
    parser.add_argument("action", choices=("add", "list", "revoke"))
    parser.add_argument("name", nargs="?", help="whose key; for revoke a name or an id")
    parser.add_argument("--role", choices=("read", "ingest"), default="read")
    parser.add_argument(
        "--password", action="store_true", help="add a login; its password is asked for"
    )
    parser.add_argument("--file", type=Path, help="the file of keys (default: the setting)")


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises SettingsError where no file is named, or a name is missing or not known."""
    from assistant.web.credentials import Credentials
    from assistant.web.roles import Role

    path = arguments.file or settings.api_keys_file
    if path is None:
        raise SettingsError("Name the file of keys: --file keys.json, or set api_keys_file.")
    credentials = Credentials(path)
    if arguments.action == "list":
        _list(credentials.all(), as_json=arguments.json)
        return
    if not arguments.name:
        raise SettingsError(f"Say whose: news-assistant key {arguments.action} NAME.")
    if arguments.action == "revoke":
        if not credentials.revoke(arguments.name):
            raise SettingsError(f"There is no key or login {arguments.name} in {path}.")
        _say(f"Revoked {arguments.name}; a running server knows at once.")
    elif arguments.password:
        credentials.add_login(arguments.name, Role(arguments.role), _password())
        _say(f"{arguments.name} may sign in at /login, with the role {arguments.role}.")
    else:
        key = credentials.add_key(arguments.name, Role(arguments.role))
        _say(f"The key of {arguments.name}, role {arguments.role}. It is not shown again:")
        print(json.dumps({"name": arguments.name, "key": key}) if arguments.json else key)


def _list(known: Sequence[Credential], *, as_json: bool) -> None:
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "role": one.role.value,
            "kind": one.kind,
            "created_at": one.created_at.isoformat(),
        }
        for one in known
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(f"{row['id']}  {row['kind']:5}  {row['role']:6}  {row['created_at']}  {row['name']}")


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def _say(message: str) -> None:
    print(message, file=sys.stderr)
