"""Asking how a generation is: the workflow, or in its place the database, then marked stale."""

import asyncio
import time
from collections.abc import Callable

from schema.database import Database
from schema.errors import NotFound, Unavailable
from schema.messages.fates import Progress
from schema.queries import progress
from workflows.gateway import GenerationGateway

ASK_TIMEOUT_S = 1.5
FAILURES_IN_A_ROW = 2
REST_S = 3.0


class Breaker:
    """After failures in a row nobody asks for a while; then one may try. So a dead server costs few waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._rests_until_s = float("-inf")

    def allows(self) -> bool:
        if self._failures < FAILURES_IN_A_ROW:
            return True
        if self._clock() < self._rests_until_s:
            return False
        self._rests_until_s = self._clock() + REST_S
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._rests_until_s = self._clock() + REST_S


class ProgressReader:
    def __init__(self, gateway: GenerationGateway, database: Database) -> None:
        self._gateway = gateway
        self._database = database
        self._breaker = Breaker()

    async def read(self, generation_id: str, since: int = 0) -> Progress:
        """What is newer than `since`; a settled or stale answer from the database always has everything."""
        return await self._asked(generation_id, since) or await self.stored(generation_id)

    async def stored(self, generation_id: str, user_id: str | None = None) -> Progress:
        async with self._database.snapshot() as session:
            found = await progress.read(session, generation_id, user_id)
        if found is None:
            raise NotFound("There is no such generation.")
        return found

    async def _asked(self, generation_id: str, since: int) -> Progress | None:
        if not self._breaker.allows():
            return None
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                answer = await self._gateway.progress(generation_id, since)
        except NotFound:
            return None
        except (Unavailable, TimeoutError):
            self._breaker.failed()
            return None
        self._breaker.succeeded()
        return answer
