"""Bodies, packed or not, in chunks of any size."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.feeds.bodies import BoundedBody
from assistant.feeds.errors import FetchError


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 50), st.booleans())
def test_what_was_sent_is_what_comes_out(parts: list[bytes], size: int, packed: bool) -> None:
    sent = b"".join(gzip.compress(part) for part in parts) if packed else b"".join(parts)
    body = BoundedBody("gzip" if packed else "identity", max_bytes=10_000)
    for start in range(0, len(sent), size):
        body.add(sent[start : start + size])
    assert body.whole() == b"".join(parts)


@given(st.binary(max_size=500), st.integers(0, 400))
def test_nothing_passes_the_limit(data: bytes, limit: int) -> None:
    body = BoundedBody("gzip", max_bytes=limit)
    packed = gzip.compress(data)
    if max(len(packed), len(data)) > limit:
        with pytest.raises(FetchError, match="Larger than"):
            body.add(packed)
    else:
        body.add(packed)
        assert body.whole() == data


@given(st.binary(max_size=200))
def test_bytes_that_are_no_gzip_are_refused(data: bytes) -> None:
    body = BoundedBody("gzip", max_bytes=1_000)
    try:
        body.add(data)
        assert body.whole() == (gzip.decompress(data) if data else b"")
    except FetchError:
        with pytest.raises((OSError, EOFError)):
            gzip.decompress(data)
