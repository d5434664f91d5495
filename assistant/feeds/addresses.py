"""Where a feed may send us: to public http(s) addresses and nowhere else.

In: a URL, or a host and port about to be connected to. Out: a checked URL, or a connection to an
address that was checked; FetchError where it is refused. Refuses to know: HTTP.

A feed, and every redirect behind it, is written by strangers, and this program runs inside the
operator's network. So the name is resolved here, every address is judged, and the connection goes
to the judged address itself: a name that resolves to something else a moment later (DNS rebinding)
gains nothing. Odd spellings (2130706433, 0x7f.1, ::ffff:127.0.0.1) are judged by what they resolve
to. TLS still checks the certificate against the name, since only the socket knows the address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable

import httpcore
import httpx

from assistant.feeds.errors import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

LONGEST_URL = 2_000
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")  # names in ASCII (international ones encoded), addresses
_LAST_PORT = 65_535
# NAT64 (RFC 6052): on a network without IPv4, every IPv4 site is resolved into this prefix.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def checked_url(url: str) -> httpx.URL:
    """The URL, parsed. Raises FetchError for what is no http(s) URL of a host."""
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"Not a usable address: {error}.", final=True) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchError("Only http and https addresses are fetched.", final=True)
    if not _HOST.fullmatch(parsed.raw_host) or (parsed.port or 0) > _LAST_PORT:
        raise FetchError("An address without a proper host and port.", final=True)
    if parsed.userinfo:
        raise FetchError("Addresses with a user name in them are not fetched.", final=True)
    if len(url) > LONGEST_URL:
        raise FetchError(f"An address longer than {LONGEST_URL:,} characters.", final=True)
    return parsed


def is_public(address: Address) -> bool:
    """Whether everyone on the internet means the same host by this address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return False
        inner = _embedded(address)
        if inner is not None:
            return all(is_public(one) for one in inner)
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )


def _embedded(address: ipaddress.IPv6Address) -> list[Address] | None:
    """The IPv4 addresses that an IPv6 address really leads to; None where it leads to itself."""
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return list(address.teredo)
    return None


async def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order of preference."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressPolicy:
    """Which addresses may be connected to: public ones, and the exceptions given here."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        exceptions: Collection[tuple[str, int]] = (),
        resolve: Resolve = resolve_host,
    ) -> None:
        """`exceptions` are (address, port) pairs that may be reached though not public."""
        self._allow_private = allow_private
        self._exceptions = frozenset(exceptions)
        self._resolve = resolve

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of the host that may be connected to, best first; at least one.

        Raises FetchError where the host has no address or none that is allowed.
        """
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchError(f"The host {host} is not found.") from error
        allowed = [address for address in found if self._allows(address, port)]
        if not allowed:
            raise FetchError(
                f"The host {host} is not on the public internet. Set allow_private_addresses to "
                "follow feeds of your own network."
            )
        return allowed

    def _allows(self, text: str, port: int) -> bool:
        if self._allow_private or (text, port) in self._exceptions:
            return True
        try:
            return is_public(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            return False


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, each to an address that the policy allows."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first allowed address of the host that answers."""
        *others, last = await self._policy.addresses(host, port)
        for address in others:
            try:
                return await self._sockets.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._sockets.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait, for httpcore's own retries."""
        await asyncio.sleep(seconds)
