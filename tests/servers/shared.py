"""Servers that all tests of a run share: started once, by the process that began the run, when first needed.

With xdist that process only hands out work: it starts them all before its workers and tells
them the addresses.
To add one, give it a line in STARTERS: a context manager that yields how to reach it, in plain strings.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack

from tests.servers import postgres, seaweed, temporal

Address = dict[str, str]

STARTERS: Mapping[str, Callable[[], AbstractContextManager[Address]]] = {
    "postgres": postgres.serving,
    "s3": seaweed.serving,
    "temporal": temporal.serving,
}


class SharedServers:
    def __init__(self, addresses: dict[str, Address] | None = None) -> None:
        """`addresses` are those of servers that another process has started."""
        self._addresses = addresses or {}
        self._stack = ExitStack()

    def address(self, name: str) -> Address:
        if name not in self._addresses:
            self._addresses[name] = self._stack.enter_context(STARTERS[name]())
        return self._addresses[name]

    def start_all(self) -> dict[str, Address]:
        return {name: self.address(name) for name in STARTERS}

    def stop(self) -> None:
        self._stack.close()
