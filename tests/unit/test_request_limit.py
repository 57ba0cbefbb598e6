"""The bucket of an address: exact, filled evenly, and small however many addresses come."""

import pytest
from pydantic import ValidationError

from api import request_limit
from api.request_limit import Buckets
from schema.settings import Settings


class Clock:
    at_s = 1000.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def passed(buckets: Buckets, address: str, requests: int) -> int:
    return sum(buckets.take(address) == 0 for _ in range(requests))


@pytest.mark.parametrize("per_minute", [1, 7, 60, 600, 6000])
def test_a_minutes_worth_at_once_and_not_one_more(clock: Clock, per_minute: int) -> None:
    buckets = Buckets(per_minute, clock)
    assert passed(buckets, "a", per_minute + 50) == per_minute
    assert buckets.take("a") == pytest.approx(60 / per_minute)


def test_it_fills_evenly_and_never_over(clock: Clock) -> None:
    buckets = Buckets(60, clock)
    assert passed(buckets, "a", 100) == 60
    clock.at_s += 10
    assert passed(buckets, "a", 100) == 10
    clock.at_s += 10_000
    assert passed(buckets, "a", 100) == 60


def test_the_wait_that_is_told_is_enough(clock: Clock) -> None:
    buckets = Buckets(60, clock)
    passed(buckets, "a", 60)
    wait_s = buckets.take("a")
    clock.at_s += wait_s - 0.01
    assert buckets.take("a") > 0
    clock.at_s += 0.01
    assert buckets.take("a") == 0


def test_addresses_do_not_take_from_each_other(clock: Clock) -> None:
    buckets = Buckets(5, clock)
    assert passed(buckets, "a", 9) == passed(buckets, "b", 9) == 5


def test_memory_is_bounded_and_who_keeps_coming_is_not_forgotten(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limit, "GENERATION", 100)
    buckets = Buckets(60, clock)
    assert passed(buckets, "greedy", 30) == 30
    for number in range(1000):
        buckets.take(f"passer-by {number}")
        if number % 50 == 0:
            assert buckets.take("greedy") == 0
        assert len(buckets) <= 200
    assert passed(buckets, "greedy", 60) == 60 - 30 - 20


def test_refusals_are_not_remembered_longer(clock: Clock) -> None:
    """Whoever goes on asking waits no longer than who stopped."""
    buckets = Buckets(60, clock)
    passed(buckets, "a", 1000)
    assert buckets.take("a") == pytest.approx(1)


def test_proxies_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1,,fd00::/8 ")
    found = Settings(_env_file=None).trusted_proxies
    assert [str(network) for network in found] == ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"]
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8,proxy.example")
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(_env_file=None)
