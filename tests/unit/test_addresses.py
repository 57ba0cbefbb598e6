"""Whose request it is: only trusted proxies may speak for others, and nobody may pretend."""

import logging
from ipaddress import ip_network
from typing import Any

import pytest

from api.addresses import Addresses, place

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"host", b"x"), *((b"x-forwarded-for", value.encode("latin-1")) for value in forwarded)]
    return {"type": "http", "client": (peer, 4711) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1", "198.51.100.1", "10.0.0.2"), "198.51.100.1"),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        ("10.0.0.1", ("198.51.100.1:5555",), "198.51.100.1"),
        ("10.0.0.1", ("[2001:db8::1]:443",), "2001:db8::/64"),
        ("10.0.0.1", ("198.51.100.1, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1, nonsense, 10.0.0.2",), "10.0.0.2"),
        ("10.0.0.1", ("unknown",), "10.0.0.1"),
        ("10.0.0.1", (" , ,",), "10.0.0.1"),
        ("10.0.0.1", ("9" * 5000,), "10.0.0.1"),
        ("10.0.0.1", ("\xff\xfe",), "10.0.0.1"),
        ("fd00::5", ("198.51.100.1",), "198.51.100.1"),
        ("::ffff:10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("::ffff:198.51.100.1",), "198.51.100.1"),
    ],
)
def test_whose_request_it_is(peer: str, forwarded: tuple[str, ...], found: str) -> None:
    assert Addresses(TRUSTED).of(scope(peer, *forwarded)) == found


def test_nobody_is_trusted_unless_named() -> None:
    assert Addresses(()).of(scope("127.0.0.1", "198.51.100.1")) == "127.0.0.1"


def test_a_customers_ipv6_network_is_one_address() -> None:
    assert place("2001:db8:1:2::1") == place("2001:db8:1:2:ffff:ffff:ffff:ffff") == "2001:db8:1:2::/64"
    assert place("2001:db8:1:3::1") != place("2001:db8:1:2::1")
    assert place("::ffff:192.0.2.1") == place("192.0.2.1") == "192.0.2.1"


def test_a_connection_without_an_address_has_none() -> None:
    assert Addresses(TRUSTED).of(scope(None)) is None


def test_a_proxy_that_nobody_named_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """All behind it share one limit: an operator has to learn why."""
    addresses = Addresses(TRUSTED)
    with caplog.at_level(logging.WARNING):
        for peer in ("192.168.0.1", "192.168.0.1", "8.8.8.8"):
            addresses.of(scope(peer, "198.51.100.1"))
        addresses.of(scope("192.168.0.2"))
    (told,) = caplog.messages
    assert "192.168.0.1" in told
    assert "TRUSTED_PROXIES" in told
