"""Checks that run at the same time, each once its causes are known to be sound.

What stands on something broken is not looked at: it would only say the same again, in ten ways.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

LIMIT_S: Final = 8.0


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    check: str
    state: State
    found: str
    fix: str = ""

    @property
    def line(self) -> str:
        return f"{self.state:8} {self.check:14} {self.found}" + (f" Fix: {self.fix}" if self.fix else "")


class Broken(Exception):
    """Nobody is served until this is repaired."""

    state: ClassVar[State] = State.BROKEN

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(found)
        self.found, self.fix = found, fix


class Doubtful(Broken):
    """It works, and will not do so well or for long."""

    state = State.WARNING


@dataclass(frozen=True)
class Check:
    name: str
    look: Callable[[], Awaitable[str]]
    """Says what is there, or raises Broken or Doubtful."""
    needs: tuple[str, ...] = ()
    """Checks that stand before this one in the list."""


async def examine(checks: Sequence[Check]) -> list[Finding]:
    """In the order of the checks, so that the first that is broken is the first to repair."""
    begun: dict[str, asyncio.Task[Finding | None]] = {}
    for check in checks:
        causes = [begun[name] for name in check.needs]
        begun[check.name] = asyncio.create_task(_look_after(causes, check))
    return [finding for finding in await asyncio.gather(*begun.values()) if finding]


async def _look_after(causes: list[asyncio.Task[Finding | None]], check: Check) -> Finding | None:
    for cause in await asyncio.gather(*causes):
        if cause is None or cause.state is State.BROKEN:
            return None
    return await _look(check)


async def _look(check: Check) -> Finding:
    try:
        async with asyncio.timeout(LIMIT_S):
            return Finding(check.name, State.OK, await check.look())
    except Broken as trouble:
        return Finding(check.name, trouble.state, trouble.found, trouble.fix)
    except TimeoutError:
        found = f"no answer within {LIMIT_S:.0f} s."
        return Finding(check.name, State.BROKEN, found, "See whether it runs and a firewall lets us pass.")
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are to be told
        return Finding(check.name, State.BROKEN, f"{type(error).__name__}: {error}", "Read posegen's logs.")
