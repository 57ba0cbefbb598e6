"""Which addresses are public, and what a host in a URL stands for.

Written out rather than left to `ipaddress.is_global`, which changes between releases of Python.
"""

import re
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address
Lookup = Callable[[str], Iterable[str]]
"""The addresses of a name, by asking the name servers: blocks, and raises OSError when there are none."""

_NOT_PUBLIC: Final = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # looks public; inside Azure it is the platform itself
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_MAX_NAME: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)\.?")
"""Hosts that resolvers read as numbers: 127.1, 0x7f.1, 017700000001, 2130706433."""


def is_public(address: Address) -> bool:
    inner = _inner(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _NOT_PUBLIC)
    return inner in _PUBLIC_6 and not any(inner in network for network in _NOT_PUBLIC_6)


def is_loopback(address: Address) -> bool:
    return _inner(address).is_loopback


def literal(host: str) -> Address | None:
    """The address that a host is; ValueError for one that neither spells an address plainly nor is a name."""
    if ":" in host:
        return _plain(ip_address(host))
    if _NUMBER.fullmatch(host):
        return ip_address(host)
    labels = host.removesuffix(".").split(".")
    if len(host) > _MAX_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("not a name")
    return None


def looked_up(addresses: Iterable[str]) -> tuple[Address, ...]:
    """Without repetitions; ValueError when one is no address."""
    return tuple(dict.fromkeys(_plain(ip_address(address)) for address in addresses))


def system_lookup(name: str) -> Iterable[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]


def _plain(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.scope_id:
        raise ValueError("a zone belongs to a link of this machine")
    return address


def _inner(address: Address) -> Address:
    """Mapped, translated and tunnelled IPv6 counts as the IPv4 address it leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
