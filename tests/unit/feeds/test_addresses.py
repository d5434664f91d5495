"""Only public addresses, however they are spelled and whatever the name resolves to."""

from __future__ import annotations

import asyncio
import ipaddress

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.feeds.addresses import AddressPolicy, CheckedBackend, checked_url, is_public
from assistant.feeds.errors import FetchError
from tests.unit.feeds.server import BadServer


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1",
        "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1",
        "100::1", "fec0::1",
    ],
)  # fmt: skip
def test_the_operators_own_network_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"],
)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_inside_ipv6(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        inside = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | int(address))
        assert is_public(inside) == is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/a", "gopher://example.org/", "javascript:alert(1)",
        "http:///nohost", "//example.org/a", "http://user:secret@example.org/", "http://[::1", "",
        "http://exa mple.org/", "http://example.org:99999999/", "http://" + "a" * 3000 + ".org/",
        "data:text/html,hi", "http://example.org/\x00",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(FetchError):
        checked_url(url)


def allowed(policy: AddressPolicy, host: str, port: int = 80) -> list[str]:
    return asyncio.run(policy.addresses(host, port))


@pytest.mark.parametrize(
    "spelling", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "::1"]
)
def test_every_spelling_of_loopback_is_refused(spelling: str) -> None:
    with pytest.raises(FetchError):
        allowed(AddressPolicy(), spelling)
    with pytest.raises(FetchError):
        allowed(AddressPolicy(exceptions={("127.0.0.1", 81)}), spelling)


def test_private_addresses_are_allowed_where_the_setting_says_so() -> None:
    assert allowed(AddressPolicy(allow_private=True), "127.0.0.1") == ["127.0.0.1"]
    assert allowed(AddressPolicy(exceptions={("127.0.0.1", 80)}), "127.1") == ["127.0.0.1"]


def test_of_several_addresses_only_the_public_ones_are_used() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "93.184.216.34", "fe80::1%eth0"]

    assert allowed(AddressPolicy(resolve=resolve), "example.org") == ["93.184.216.34"]


def test_the_connection_goes_to_the_checked_address(server: BadServer) -> None:
    """A name that resolves elsewhere at a second look (DNS rebinding) is never looked at twice."""
    looked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"] if len(looked) == 1 else ["10.255.255.1"]

    policy = AddressPolicy(resolve=resolve, exceptions={("127.0.0.1", server.port)})

    async def ask() -> tuple[int, bytes]:
        backend = CheckedBackend(policy)
        async with httpcore.AsyncConnectionPool(network_backend=backend) as pool:
            answer = await pool.request("GET", f"http://rebinding.example:{server.port}/robots.txt")
            return answer.status, answer.content

    assert asyncio.run(ask())[0] == 404
    assert looked == ["rebinding.example"]
    assert server.heads[0]["Host"] == f"rebinding.example:{server.port}"


def test_the_next_address_is_tried_where_the_first_does_not_answer(server: BadServer) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    policy = AddressPolicy(resolve=resolve, allow_private=True)

    async def ask() -> int:
        backend = CheckedBackend(policy)
        async with httpcore.AsyncConnectionPool(network_backend=backend) as pool:
            return (await pool.request("GET", f"http://two.example:{server.port}/")).status

    assert asyncio.run(ask()) == 404
