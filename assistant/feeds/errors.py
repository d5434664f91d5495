"""Why something on the web could not be had.

In: nothing. Out: FetchError, which never leaves this package: it becomes a Rejection.
"""

from __future__ import annotations


class FetchError(Exception):
    """Not fetched; the message says why in words for the archive's owner.

    `final`: asking again will not help. `retry_after_s`: the server named a time to wait.
    `status`: the HTTP status where there was one.
    """

    def __init__(
        self,
        reason: str,
        *,
        final: bool = False,
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.retry_after_s = retry_after_s
        self.status = status
