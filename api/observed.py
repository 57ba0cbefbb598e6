"""Numbers that nobody counts as they happen: looked at now and then, so that a scrape asks nobody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from math import nan
from typing import Final, NoReturn

from schema.database import Database
from schema.errors import PoseError
from schema.queries import audit
from telemetry import metrics
from workflows.gateway import GenerationGateway

QUEUES_EVERY_S: Final = 10.0
LEDGER_EVERY_S: Final = 600.0
ANSWER_WITHIN_S: Final = 5.0
"""Of Temporal. The ledger is read as a whole and has a statement's time for it."""

log = logging.getLogger(__name__)


class Observed:
    def __init__(self, database: Database, gateway: GenerationGateway) -> None:
        self._database = database
        self._gateway = gateway

    def begin(self) -> list[asyncio.Task[NoReturn]]:
        """For the caller to cancel."""
        return [
            asyncio.create_task(_every(QUEUES_EVERY_S, self.look_at_queues)),
            asyncio.create_task(_every(LEDGER_EVERY_S, self.look_at_ledger)),
        ]

    async def look_at_queues(self) -> None:
        """What cannot be known is not shown: the last numbers would look like health."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                queues = await self._gateway.health()
        except (PoseError, TimeoutError):
            for gauge in (metrics.POLLERS, metrics.BACKLOG, metrics.BACKLOG_AGE):
                gauge.clear()
            return
        for name, queue in queues.items():
            metrics.POLLERS.labels(name).set(queue.pollers)
            metrics.BACKLOG.labels(name).set(queue.backlog)
            metrics.BACKLOG_AGE.labels(name).set(queue.oldest_s)

    async def look_at_ledger(self) -> None:
        try:
            async with self._database.transaction() as session:
                found = await audit.imbalances(session)
        except PoseError:
            found = dict.fromkeys(audit.CHEAP, nan)
        for rule, rows in found.items():
            metrics.IMBALANCES.labels(rule).set(rows)
            if rows > 0:
                log.error("%d rows break a rule of the ledger: %s. See posegen audit.", rows, rule)


async def _every(pause_s: float, look: Callable[[], Awaitable[None]]) -> NoReturn:
    """A look that fails is no reason to stop looking."""
    while True:
        try:
            await look()
        except Exception:
            log.exception("a look at the service failed")
        await asyncio.sleep(pause_s)
