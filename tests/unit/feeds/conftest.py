from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.feeds.addresses import AddressPolicy
from assistant.settings import Settings
from tests.unit.feeds.server import BadServer


@pytest.fixture
def server() -> Iterator[BadServer]:
    running = BadServer()
    yield running
    running.close()


@pytest.fixture
def policy(server: BadServer) -> AddressPolicy:
    """Loopback stays closed but for the test's own server."""
    return AddressPolicy(exceptions={("127.0.0.1", server.port)})


@pytest.fixture
def quick() -> Settings:
    """Settings that are polite in milliseconds."""
    return Settings(fetch_delay_s=0, fetch_timeout_s=0.5, fetch_max_bytes=200_000)
