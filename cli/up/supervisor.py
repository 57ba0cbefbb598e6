"""Runs the programs of the embedded stack, and takes all of them down with itself.

They are recorded whenever one is started, so that the next start can end what a killed supervisor left.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from cli.up import process
from cli.up.child import Child, PortLost, Service


class Supervisor:
    """Must live on the main thread: the system ends the children when the thread that started them ends."""

    def __init__(self, log_dir: Path, record: Callable[[list[process.Process]], None]) -> None:
        self._log_dir = log_dir
        self._record = record
        self._children: list[Child] = []
        self.hurry = asyncio.Event()
        """Set it to stop without patience."""

    async def start(self, make: Callable[[], Service]) -> Service:
        """Run what `make` describes, until it is ready; asked again when a port it chose was lost."""
        while True:
            service = make()
            child = Child(service, self._log_dir / f"{service.name}.log", self._changed)
            self._children.append(child)
            try:
                await child.start()
            except PortLost:
                await child.stop(self.hurry)
                self._children.remove(child)
            else:
                return service

    async def stop(self) -> None:
        for stage in sorted({child.service.stop_stage for child in self._children}):
            group = [child for child in self._children if child.service.stop_stage == stage]
            await asyncio.gather(*(child.stop(self.hurry) for child in group))

    def _changed(self) -> None:
        self._record([child.running for child in self._children if child.running is not None])
