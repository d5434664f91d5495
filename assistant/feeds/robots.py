"""What a site's robots.txt asks of us.

In: the status and text of a robots.txt. Out: whether a URL may be fetched, and the pause asked for.
Refuses to know: how it was fetched. After RFC 9309: a missing file allows everything, a failing
server nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

from assistant.articles.decode import DecodeError, decode

# The name that a robots.txt calls us by, whatever contact the operator adds to the User-Agent.
ROBOT_NAME = "news-assistant"
LARGEST_ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: read at least 500 KiB
KEPT_S = 24 * 3600.0  # RFC 9309, 2.4: no longer than a day
# A pause of minutes would mean never to finish.
_LONGEST_DELAY_S = 30.0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site; without a parser everything is allowed."""

    rules: Protego | None = None

    @classmethod
    def parse(cls, raw: bytes) -> Robots:
        """The rules in a robots.txt; what is not understood allows."""
        try:
            text = decode(raw)
        except DecodeError:
            return cls()
        return cls(Protego.parse(text))

    def allows(self, url: str) -> bool:
        """Whether we may fetch the URL."""
        return self.rules is None or bool(self.rules.can_fetch(url, ROBOT_NAME))

    def delay_s(self) -> float:
        """The pause between two requests that the site asks for, within reason."""
        asked = self.rules.crawl_delay(ROBOT_NAME) if self.rules else None
        return min(max(asked or 0.0, 0.0), _LONGEST_DELAY_S)
