"""fal behind the router: its own queue protocol under another key, and the form that waits for the result.

What the queue says of URLs is fal's own: there the router's key opens nothing.
"""

import json
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from simulator.access import check_bearer
from simulator.fal.routes import FalQueue
from simulator.faults.wording import Refusal
from simulator.huggingface.wording import error
from simulator.job import Submission
from simulator.simulation import Simulation

SERVED: Final = ("fal-ai/flux/dev", "fal-ai/flux/schnell")


class RoutedFal(FalQueue):
    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation.worded(error))

    async def _check_key(self, request: Request) -> None:
        check_bearer(request, self._sim.settings, error)

    async def _submit(self, request: Request, endpoint: str) -> Response:
        if endpoint not in SERVED:
            return error(Refusal(404, f"Model {endpoint} is not supported by provider fal-ai"))
        return await super()._submit(request, endpoint)

    async def _accept(
        self, request: Request, endpoint: str, body: dict[str, Any], submission: Submission
    ) -> Response:
        ticket = await super()._accept(request, endpoint, body, submission)
        if request.query_params.get("_subdomain") == "queue":
            return ticket
        job = self._sim.queue.jobs[json.loads(bytes(ticket.body))["request_id"]]
        await job.over()
        return await self._result(request, job)
