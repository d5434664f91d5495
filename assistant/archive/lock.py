"""One owner for an archive on disk: a lock that says who holds it.

In: a folder. Out: a held lock. Refuses to know: what the archive contains.

Two processes that write one embedded Chroma corrupt its index in silence, so the lock is taken
before anything else is opened. The operating system drops it when the owner dies, however it dies.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import ArchiveLockedError, ArchiveWriteError


class OwnerLock:
    """Held from construction until `release`."""

    def __init__(self, folder: Path, timeout_s: float) -> None:
        """Wait up to `timeout_s` for the lock.

        Raises ArchiveLockedError, which names the holder, or ArchiveWriteError on a folder that
        cannot be written.
        """
        self._holder = folder / "owner.json"
        self._lock = FileLock(folder / "owner.lock", is_singleton=False, thread_local=False)
        try:
            self._lock.acquire(timeout=timeout_s)
            self._holder.write_text(json.dumps(_myself()), "utf-8")
        except Timeout as error:
            raise ArchiveLockedError(
                f"The archive {folder} is in use by {self._describe_holder()}. Stop that process, "
                "wait for it, or ask through its server."
            ) from error
        except OSError as error:
            raise ArchiveWriteError(
                f"The archive {folder} cannot be written ({error.strerror}). An archive needs a "
                "writable folder even to be read: make it writable or copy it elsewhere."
            ) from error

    def release(self) -> None:
        """Let others have the archive. Harmless when called twice."""
        if self._lock.is_locked:
            self._holder.unlink(missing_ok=True)
            self._lock.release()

    def _describe_holder(self) -> str:
        try:
            holder = json.loads(self._holder.read_text("utf-8"))
            return (
                f"process {holder['pid']} on {holder['host']} ({holder['command']}, since "
                f"{holder['since']})"
            )
        except (OSError, ValueError, KeyError):
            return "another process"


def _myself() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join(Path(part).name for part in sys.argv[:2]) or "python",
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
