"""One program of the stack: started, waited for, started again when it dies unasked, stopped in bounded time.

It comes back with the same arguments, after what it had started itself is ended.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from cli.up import files, launch, ports, process
from schema.errors import Unavailable

READY_PAUSE_S = 0.05
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
HEALTHY_AFTER_S = 5.0


@dataclass(frozen=True)
class Service:
    """A program and how to tell that it is ready."""

    name: str
    argv: list[str]
    ready: Callable[[], Awaitable[bool]]
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    user: str | None = None
    death_signal: signal.Signals = signal.SIGKILL
    stop_signal: signal.Signals = signal.SIGTERM
    start_timeout_s: float = 60
    stop_timeout_s: float = 15
    stop_stage: int = 0
    """Stages are stopped in this order; what others stand on comes later."""


class PortLost(Exception):
    """Another program took the service's port between the choice and the start."""


class Child:
    """One service and the process that runs it now."""

    def __init__(self, service: Service, log: Path, on_spawn: Callable[[], None]) -> None:
        self.service = service
        self.running: process.Process | None = None
        self._log = log
        self._on_spawn = on_spawn
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        files.rotated(self._log)
        child = await self._spawn()
        try:
            async with asyncio.timeout(self.service.start_timeout_s):
                while not await self.service.ready():
                    if child.returncode is not None:
                        raise self._failure(f"ended with {outcome(child.returncode)}")
                    await asyncio.sleep(READY_PAUSE_S)
        except TimeoutError:
            raise self._failure(f"was not ready after {self.service.start_timeout_s:.0f} s") from None
        self._keeper = asyncio.create_task(self._keep(child), name=f"keep {self.service.name}")

    async def stop(self, hurry: asyncio.Event) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        child = self._process
        if child is None:
            return
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(self.service.stop_signal)
            await _first(child.wait(), hurry.wait(), timeout_s=self.service.stop_timeout_s)
        process.signal_group(child.pid, signal.SIGKILL)
        await child.wait()

    def _failure(self, what: str) -> Exception:
        if (
            not all(map(ports.is_free, self.service.ports))
            and self._process
            and self._process.returncode is not None
        ):
            return PortLost(self.service.name)
        return Unavailable(f"{self.service.name} {what}. {self._log} ends with:\n{files.tail(self._log)}")

    async def _keep(self, child: asyncio.subprocess.Process) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            started = monotonic()
            code = await child.wait()
            process.signal_group(child.pid, signal.SIGKILL)  # its own children, if it had any
            pause_s = (
                FIRST_PAUSE_S
                if monotonic() - started > HEALTHY_AFTER_S
                else min(pause_s * 2, LONGEST_PAUSE_S)
            )
            say(f"{self.service.name} ended with {outcome(code)}; starting it again")
            await asyncio.sleep(pause_s)
            child = await self._spawn()

    async def _spawn(self) -> asyncio.subprocess.Process:
        service = self.service
        with self._log.open("ab") as output:
            child = await asyncio.create_subprocess_exec(
                *launch.command(service.argv, user=service.user, death_signal=service.death_signal),
                cwd=service.cwd,
                env={**os.environ, **service.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._process = child
        self.running = process.mark(service.name, child.pid)
        self._on_spawn()
        return child


def outcome(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def say(message: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; the children are still to be stopped
        print(f"posegen: {message}", file=sys.stderr, flush=True)


async def _first(*waits: Awaitable[object], timeout_s: float) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
