"""What the protocols share: one queue, one set of faults, one count of submission attempts."""

import copy
from dataclasses import dataclass

from starlette.responses import Response

from simulator.faults.rules import Faults
from simulator.faults.wording import Wording
from simulator.job import Job, Submission
from simulator.pictures import Pictures
from simulator.queue import Queue
from simulator.settings import SimulatorSettings


@dataclass
class Attempts:
    number: int = 0


class Simulation:
    def __init__(self, settings: SimulatorSettings) -> None:
        self.settings = settings
        self.pictures = Pictures(settings)
        self.queue = Queue(settings, self.pictures)
        self.faults = Faults(note=self.queue.journal.misbehaved)
        self._attempts = Attempts()

    def worded(self, wording: Wording) -> "Simulation":
        """The same simulation, in which faults speak another protocol."""
        other = copy.copy(self)
        other.faults = self.faults.worded(wording)
        return other

    def attempt(self, seed: int, prompt: str, endpoint: str = "") -> Submission:
        self._attempts.number += 1
        return Submission(self._attempts.number, seed, prompt, endpoint)

    async def reset(self) -> None:
        """As if just started."""
        self.faults.rules.clear()
        await self.queue.cancel_all()
        self.forget_log()

    def forget_log(self) -> None:
        """Jobs under way go on and can be asked about; only the books start afresh."""
        self.queue.forget_log()
        self._attempts.number = 0

    async def picture(self, job: Job, index: int) -> bytes | None:
        if job.drawing is None or job.order is None or index >= job.order.pictures:
            return None
        job.delivered = True
        return await self.pictures.render(job.drawing.variation(index), job.outcome.spoil)

    async def file(self, job: Job, index: int) -> Response:
        data = await self.picture(job, index)
        if data is None or job.drawing is None:
            return Response("Not found", 404, media_type="text/plain")
        return Response(data, media_type=job.drawing.media_type)
