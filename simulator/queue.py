"""The queue behind every protocol: jobs wait for a slot, take their time, and end.

Every accepted submission stays in the log until the log is deleted, also when its answer never arrived:
what was accepted would have cost money.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable

from simulator.failures import BROKEN, CANCELLED, NOT_STARTED, Failure
from simulator.inputs import InputError
from simulator.job import Job
from simulator.journal import Journal
from simulator.pictures import Pictures
from simulator.settings import SimulatorSettings

REMEMBERED_JOBS = 20_000
logger = logging.getLogger(__name__)


class Queue:
    def __init__(self, settings: SimulatorSettings, pictures: Pictures) -> None:
        self.jobs: dict[str, Job] = {}
        self.log: deque[Job] = deque(maxlen=REMEMBERED_JOBS)
        self.in_progress = 0
        self.max_in_progress = 0
        self.journal = Journal(settings.journal)
        self._settings = settings
        self._pictures = pictures
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._waiting: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def add(self, job: Job) -> None:
        self.jobs[job.request_id] = self._waiting[job.request_id] = job
        self.log.append(job)
        self.journal.accepted(job.submission, job.request_id)
        if len(self.jobs) > REMEMBERED_JOBS:
            del self.jobs[next(iter(self.jobs))]
        task = self._tasks[job.request_id] = asyncio.create_task(self._run(job))
        task.add_done_callback(lambda _: self._settle(job, task))

    def position(self, job: Job) -> int:
        return next((place for place, other in enumerate(self._waiting.values()) if other is job), 0)

    def cancel(self, job: Job) -> str:
        """fal's own word for what became of it. A running job gets the signal and, here, obeys at once."""
        if job.ended_at is not None:
            return "ALREADY_COMPLETED"
        was_queued = job.status == "IN_QUEUE"
        job.end(CANCELLED)
        self._tasks[job.request_id].cancel()
        return "OK" if was_queued else "CANCELLATION_REQUESTED"

    def forget_log(self) -> None:
        self.log.clear()
        self.max_in_progress = self.in_progress

    def stats(self) -> dict[str, int]:
        def count(which: Callable[[Job], bool]) -> int:
            return sum(map(which, self.log))

        return {
            "submitted": len(self.log),
            "completed": count(lambda job: job.ended_at is not None and job.failure is None),
            "failed": count(lambda job: job.failure is not None and not job.cancelled),
            "cancelled": count(lambda job: job.cancelled),
            "delivered": count(lambda job: job.delivered),
            "in_progress": self.in_progress,
            "in_queue": len(self._waiting),
            "max_in_progress": self.max_in_progress,
        }

    async def cancel_all(self) -> None:
        """No slot is taken any more when this returns."""
        tasks = list(self._tasks.values())
        for job in [each for each in self.jobs.values() if each.request_id in self._tasks]:
            self.cancel(job)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _settle(self, job: Job, task: asyncio.Task[None]) -> None:
        self._tasks.pop(job.request_id, None)
        self._waiting.pop(job.request_id, None)
        if not task.cancelled() and (error := task.exception()):
            # Our own mistake must not look like a fault that someone asked for: say it, and end the job.
            logger.error("job %s broke", job.request_id, exc_info=error)
            job.end(BROKEN)

    async def _run(self, job: Job) -> None:
        # Drawn while the job waits, so that the picture is there when the latency has passed.
        drawing = asyncio.create_task(self._draw(job))
        try:
            async with asyncio.timeout(job.start_timeout_s):
                await self._slots.acquire()
        except TimeoutError:
            job.end(NOT_STARTED)
        else:
            await self._work(job, drawing)
        finally:
            drawing.cancel()

    async def _work(self, job: Job, drawing: asyncio.Task[Failure | None]) -> None:
        self._waiting.pop(job.request_id, None)
        self.in_progress += 1
        self.max_in_progress = max(self.max_in_progress, self.in_progress)
        job.start()
        try:
            await self._take_time(job)
            job.end(await drawing)
        finally:
            self.in_progress -= 1
            self._slots.release()

    async def _take_time(self, job: Job) -> None:
        if job.outcome.never_ends:
            await asyncio.Event().wait()
        jitter = random.Random(job.submission.seed).random() * self._settings.jitter_s  # noqa: S311 - no secret
        await asyncio.sleep(self._settings.latency_s + jitter)

    async def _draw(self, job: Job) -> Failure | None:
        if job.outcome.failure or job.order is None:
            return job.outcome.failure
        try:
            job.drawing = await self._pictures.prepare(job.order)
        except InputError as refused:
            return refused.failure
        if job.order.pictures:
            await self._pictures.render(job.drawing, job.outcome.spoil)
        return None
