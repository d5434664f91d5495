"""Keys and logins on file: made, listed, revoked, checked. No secret is ever stored.

In: a file's path, secrets to check. Out: credentials, without their secrets.
Refuses to know: requests, cookies.

A key is 256 random bits, so its SHA-256 tells nothing about it; a password is chosen by a person
and is kept as scrypt with a salt. Comparisons take the same time whatever differs. The file is
read again when it changes, so a revoked key stops working at once.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from assistant.errors import SettingsError
from assistant.web.roles import Role

KEY_PREFIX = "na_"
SHORTEST_PASSWORD = 12
LONGEST_SECRET = 1_000
_KEY_BYTES = 32
_ID_BYTES = 4
_SALT_BYTES = 16
# OWASP's password storage cheat sheet: N=2^15, r=8, p=3; 32 MB and about 0.2 s a try.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 3
_SCRYPT_MEMORY = 64 * 1024 * 1024
_LOCK_TIMEOUT_S = 10

Kind = Literal["key", "login"]


@dataclass(frozen=True, slots=True)
class Credential:
    """One key or login: `digest` is hex, `salt` is empty for a key."""

    id: str
    name: str
    role: Role
    kind: Kind
    digest: str
    salt: str
    created_at: datetime


_FILE = TypeAdapter(list[Credential])


class Credentials:
    """The credentials in one file, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._known: list[Credential] = []

    def all(self) -> list[Credential]:
        """Everything on file, oldest first. Raises SettingsError for a file that is no such one."""
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if seen != self._seen:
                self._known = _FILE.validate_json(self.path.read_bytes())
                self._seen = seen
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            raise SettingsError(
                f"{self.path} is not a readable file of keys. Restore it, or move it away and make "
                "new keys with: news-assistant key add NAME"
            ) from error
        return self._known

    def add_key(self, name: str, role: Role) -> str:
        """Make a key and return it; it cannot be had again."""
        identity = secrets.token_hex(_ID_BYTES)
        key = f"{KEY_PREFIX}{identity}_{secrets.token_urlsafe(_KEY_BYTES)}"
        self._change(lambda known: [*known, _made(identity, name, role, "key", _sha256(key))])
        return key

    def add_login(self, name: str, role: Role, password: str) -> None:
        """Store a login. Raises SettingsError for a name that is taken or a short password."""
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_SECRET:
            raise SettingsError(f"A password needs at least {SHORTEST_PASSWORD} characters.")
        salt = secrets.token_hex(_SALT_BYTES)
        digest = _scrypt(password, salt)
        identity = secrets.token_hex(_ID_BYTES)

        def added(known: list[Credential]) -> list[Credential]:
            if any(one.kind == "login" and one.name == name for one in known):
                raise SettingsError(f"There is a login {name} already: revoke it first.")
            return [*known, _made(identity, name, role, "login", digest, salt)]

        self._change(added)

    def revoke(self, id_or_name: str) -> int:
        """Remove what has this id or name; returns how many there were."""
        before = len(self.all())
        self._change(lambda known: [one for one in known if id_or_name not in (one.id, one.name)])
        return before - len(self.all())

    def check_key(self, key: str) -> Credential | None:
        """Whose key this is; None for nobody's."""
        digest = _sha256(key[:LONGEST_SECRET])
        found = None
        for one in self.all():  # all of them, so that time does not tell which came close
            if one.kind == "key" and hmac.compare_digest(one.digest, digest):
                found = one
        return found

    def check_login(self, name: str, password: str) -> Credential | None:
        """Whose login this is; an unknown name takes as long as a wrong password."""
        found = next((one for one in self.all() if one.kind == "login" and one.name == name), None)
        salt = found.salt if found else "00" * _SALT_BYTES
        digest = _scrypt(password[:LONGEST_SECRET], salt)
        if found and hmac.compare_digest(found.digest, digest):
            return found
        return None

    def get(self, identity: str) -> Credential | None:
        """The credential with this id, where it has not been revoked."""
        return next((one for one in self.all() if one.id == identity), None)

    def _change(self, change: Callable[[list[Credential]], list[Credential]]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=_LOCK_TIMEOUT_S):
                changed = _FILE.dump_json(change(self.all()), indent=2)
                # A new file each time, made with 0600 and renamed: nobody reads half of one.
                handle, made = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}")
                with os.fdopen(handle, "wb") as file:
                    file.write(changed)
                Path(made).replace(self.path)
        except OSError as error:
            raise SettingsError(
                f"{self.path} cannot be written ({error.strerror}). Name another file with "
                "NEWS_ASSISTANT_API_KEYS_FILE."
            ) from error
        self._seen = None


def _made(
    identity: str, name: str, role: Role, kind: Kind, digest: str, salt: str = ""
) -> Credential:
    moment = datetime.now(UTC).replace(microsecond=0)
    return Credential(identity, name, role, kind, digest, salt, moment)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _scrypt(password: str, salt: str) -> str:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=bytes.fromhex(salt),
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=_SCRYPT_P,
        maxmem=_SCRYPT_MEMORY,
    ).hex()
