"""From where a request comes: the peer's address, or what the proxies that we trust say of it.

Proxies append what they saw to `X-Forwarded-For`; from its right end on, only what a trusted one wrote
counts. IPv6 hands whole networks to one customer, so there the /64 is the address.
"""

import logging
from collections.abc import Collection, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

FORWARDED = b"x-forwarded-for"
SUBSCRIBER_BITS = 64
REMEMBERED = 10_000
LONGEST = 64
"""No address is longer; what is, comes from somebody who wants it kept in memory."""

log = logging.getLogger(__name__)


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Also with a port behind it, as some proxies write; an IPv4 address in IPv6 clothes is itself."""
    return _parsed(text.strip()) if len(text) <= LONGEST else None


@lru_cache(REMEMBERED)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(REMEMBERED)
def place(text: str) -> str:
    """What is counted as one."""
    found = parsed(text)
    if isinstance(found, IPv6Address):
        return f"{IPv6Address(int(found) >> SUBSCRIBER_BITS << SUBSCRIBER_BITS)}/{SUBSCRIBER_BITS}"
    return str(found or text)


class Addresses:
    def __init__(self, trusted: Collection[IPv4Network | IPv6Network]) -> None:
        self._trusted = trusted
        self._is_trusted = lru_cache(REMEMBERED)(self._look)
        self._warned: set[str] = set()

    def of(self, scope: Scope) -> str | None:
        """None where the connection has no address, as on a socket in the file system."""
        if not scope.get("client"):
            return None
        peer: str = scope["client"][0]
        if self._is_trusted(peer):
            return place(self._sender(peer, _forwarded(scope)))
        found = parsed(peer)
        if peer not in self._warned and found and found.is_private and _forwarded(scope):
            self._warn(peer)
        return place(peer)

    def _sender(self, peer: str, hops: Sequence[str]) -> str:
        """The last one that no trusted proxy is; what cannot be read was said by nobody we trust."""
        for hop in reversed(hops):
            if parsed(hop) is None:
                return peer
            peer = hop
            if not self._is_trusted(hop):
                return hop
        return peer

    def _look(self, text: str) -> bool:
        found = parsed(text)
        return found is not None and any(found in network for network in self._trusted)

    def _warn(self, peer: str) -> None:
        if len(self._warned) < REMEMBERED:
            self._warned.add(peer)
            log.warning(
                "requests come through a proxy at %s: without it in TRUSTED_PROXIES they share one limit",
                peer,
            )


def _forwarded(scope: Scope) -> list[str]:
    values = [value for name, value in scope["headers"] if name == FORWARDED]
    return [hop for hop in b",".join(values).decode("latin-1").split(",") if hop.strip()]
