"""What is done to the stack, and what each blow may cost at the provider at most."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from cli.up.process import Process, is_alive
from tests.servers.disk import out_of_order
from tests.servers.up import Up


@dataclass(frozen=True)
class Blow:
    at_s: float
    kind: str
    """Of BLOWS."""
    lasts_s: float
    worker: int


@dataclass(frozen=True)
class Fleet:
    workers: int
    slots: int
    """Calls to the provider that one worker may have under way."""


@dataclass(frozen=True)
class Kind:
    strike: Callable[[Up, Blow], Awaitable[None]]
    repeats: Callable[[Fleet], int]
    """Calls that may have to be paid again because of it."""
    of_storage: bool = False
    """Only one of these at a time."""


def _nothing(_: Fleet) -> int:
    """What the provider was asked is in the heartbeats, and nobody asks it anew."""
    return 0


def _one_worker(fleet: Fleet) -> int:
    """Calls that the provider has accepted and whose handles Temporal has not been told yet."""
    return fleet.slots


def _whole_fleet(fleet: Fleet) -> int:
    """All calls under way: their handles cannot be told, or lead to a provider that has forgotten them."""
    return fleet.slots * fleet.workers


def _sent(number: signal.Signals, *names: str) -> Callable[[Up, Blow], Awaitable[None]]:
    async def strike(up: Up, blow: Blow) -> None:
        for name in names or (_worker(blow),):
            send(up.process(name), number)

    return strike


async def _all_killed(up: Up, _: Blow) -> None:
    for process in up.stack.processes:
        send(process, signal.SIGKILL)


async def _frozen(up: Up, blow: Blow) -> None:
    """Longer than a heartbeat may be missing, so others have taken over when it goes on."""
    process = up.process(_worker(blow))
    send(process, signal.SIGSTOP)
    try:
        await asyncio.sleep(blow.lasts_s)
    finally:
        send(process, signal.SIGCONT)


async def _full(up: Up, blow: Blow) -> None:
    """What is there can be read, and nothing comes to it."""
    with out_of_order(up.stack.storage_path / ".partial"):
        await asyncio.sleep(blow.lasts_s)


async def _away(up: Up, blow: Blow) -> None:
    with out_of_order(up.stack.storage_path):
        await asyncio.sleep(blow.lasts_s)


def _worker(blow: Blow) -> str:
    return f"worker-{blow.worker}"


def send(process: Process, number: signal.Signals) -> None:
    """Nothing to one that has died meanwhile; its pid may be another's."""
    if is_alive(process):
        os.kill(process.pid, number)


BLOWS: Final[dict[str, Kind]] = {
    "worker killed": Kind(_sent(signal.SIGKILL), _one_worker),
    "worker frozen": Kind(_frozen, _one_worker),
    "worker told to stop": Kind(_sent(signal.SIGTERM), _nothing),
    "API killed": Kind(_sent(signal.SIGKILL, "api"), _nothing),
    "PostgreSQL killed": Kind(_sent(signal.SIGKILL, "postgres"), _nothing),
    "Temporal killed": Kind(_sent(signal.SIGKILL, "temporal"), _whole_fleet),
    "simulator killed": Kind(_sent(signal.SIGKILL, "simulator"), _whole_fleet),
    "all killed at once": Kind(_all_killed, _whole_fleet),
    "storage full": Kind(_full, _nothing, of_storage=True),
    "storage away": Kind(_away, _nothing, of_storage=True),
}
