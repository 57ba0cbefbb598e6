"""How each part is, looked at no more than once a second however many ask."""

import asyncio
import time
from collections.abc import Awaitable
from importlib.metadata import version

from adapters.storage import Storage
from schema.database import Database
from schema.errors import PoseError
from schema.models.health import Check, Checks, Condition, HealthAnswer, QueueView, WorkersCheck
from schema.settings import APP_ID
from schema.tables.columns import now
from workflows.gateway import GenerationGateway

CHECK_TIMEOUT_S = 3.0
KEPT_S = 1.0
SEVERITY = list(Condition)


class HealthChecks:
    def __init__(self, database: Database, storage: Storage, gateway: GenerationGateway) -> None:
        self._database = database
        self._storage = storage
        self._gateway = gateway
        self._lock = asyncio.Lock()
        self._last: HealthAnswer | None = None
        self._looked_s = float("-inf")

    async def look(self) -> HealthAnswer:
        async with self._lock:
            if self._last is None or time.monotonic() - self._looked_s > KEPT_S:
                self._last = await self._look()
                self._looked_s = time.monotonic()
            return self._last

    async def database_is_there(self) -> bool:
        return await _works(self._database.check())

    async def _look(self) -> HealthAnswer:
        database, storage, (temporal, workers) = await asyncio.gather(
            _works(self._database.check()), _works(self._storage.check()), self._workers()
        )
        checks = Checks(
            database=_check(works=database),
            temporal=_check(works=temporal),
            workers=workers,
            storage=_check(works=storage),
        )
        parts = (checks.database, checks.temporal, checks.workers, checks.storage)
        return HealthAnswer(
            status=max((part.status for part in parts), key=SEVERITY.index),
            timestamp=now(),
            app=APP_ID,
            version=version("posegen"),
            checks=checks,
        )

    async def _workers(self) -> tuple[bool, WorkersCheck]:
        """Without Temporal nobody knows of the workers, and they can do nothing."""
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                found = await self._gateway.health()
        except (PoseError, TimeoutError):
            return False, WorkersCheck(status=Condition.UNHEALTHY, queues={})
        queues = {
            name: QueueView(pollers=queue.pollers, backlog=queue.backlog) for name, queue in found.items()
        }
        served = [queue.pollers > 0 for queue in queues.values()]
        status = (
            Condition.HEALTHY if all(served) else Condition.DEGRADED if any(served) else Condition.UNHEALTHY
        )
        return True, WorkersCheck(status=status, queues=queues)


async def _works(check: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check
    except (PoseError, TimeoutError):
        return False
    return True


def _check(*, works: bool) -> Check:
    return Check(status=Condition.HEALTHY if works else Condition.UNHEALTHY)
