"""What runs: do books and Temporal speak of the same runs, and does anything wait for the image service?

After a loss on one side the oldest that is open in the books, or the newest that runs, already shows it, so
only so many are looked at; `posegen audit` asks about all of them.
"""

from collections import Counter
from functools import partial
from typing import Final

from activities import lost
from cli.doctor.books import Books
from cli.doctor.engine import Engine
from cli.doctor.examination import Broken, Doubtful
from schema.queries import lost as open_books
from schema.reconciling import Fate, FindLost, LostKind
from schema.tables.columns import now
from workflows import standing, visibility

NEWEST: Final = 200
NAMED: Final = 3
LOST: Final = (
    "Is TEMPORAL_NAMESPACE the right one? Then its runs are lost, and the first worker settles what they "
    "were for: docs/runbooks/temporal-lost.md"
)


class Runs:
    def __init__(self, books: Books, engine: Engine) -> None:
        self._books = books
        self._engine = engine

    async def are_the_same(self) -> str:
        strays = await self._strays()
        if strays:
            found = f"the books know nothing of {len(strays)} generations that run: {_named(strays)}."
            raise Broken(found, "Were they restored from a backup? docs/runbooks/database-restored.md")
        call = FindLost(kind=LostKind.GENERATION, grace_s=standing.CLOSING.total_seconds())
        page = await lost.find(self._books.database, partial(standing.fate, self._engine.client), call)
        fates = Counter(each.fate for each in page.lost)
        ids = _named([each.id for each in page.lost])
        if unknown := fates[Fate.UNKNOWN]:
            found = f"Temporal knows nothing of {unknown} of {page.asked} open generations: {ids}."
            raise Broken(found, LOST)
        if page.lost:
            found = f"{len(page.lost)} of {page.asked} open generations have no running workflow: {ids}."
            raise Doubtful(found, "posegen reconcile")
        return f"{page.asked} generations are open in the books and run"

    async def can_go_on(self) -> str:
        standing_still = [run.id async for run in self._engine.client.list_workflows(visibility.STANDING)]
        if standing_still:
            found = f"{len(standing_still)} running generations cannot go on: {_named(standing_still)}."
            raise Broken(found, "See what their workflow tasks were told: docs/runbooks/run-stands-still.md")
        return "every running generation can go on"

    async def come_on(self) -> str:
        client = self._engine.client
        seen = await visibility.running(client, NAMED)
        if seen.stuck:
            count = (await client.count_workflows(visibility.STUCK)).count
            ids = ", ".join(run.generation_id for run in seen.stuck)
            found = f"{count} of {seen.count} running generations wait for the image service: {ids}."
            raise Doubtful(found, "See what their calls were told: docs/runbooks/provider-down.md")
        return f"none of {seen.count} running generations is stuck in retries"

    async def _strays(self) -> list[str]:
        """Those that began a moment ago may be on their way into the books."""
        before = now() - standing.CLOSING
        runs = self._engine.client.list_workflows(standing.RUNNING, limit=NEWEST)
        running = [run.id async for run in runs if run.start_time < before]
        async with self._books.database.transaction() as session:
            known = await open_books.recorded(session, running)
        return [
            run
            for run in running
            if run not in known and await standing.fate(self._engine.client, run) is Fate.RUNNING
        ]


def _named(ids: list[str]) -> str:
    return ", ".join(ids[:NAMED]) + (", …" if len(ids) > NAMED else "")
