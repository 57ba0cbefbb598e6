"""What tests, demonstrations and operators say to the simulator itself, under /_sim, and its "CDN"."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException
from starlette.responses import Response

from simulator.faults.rules import Rule
from simulator.job import Job
from simulator.pictures import Drawing
from simulator.simulation import Simulation


class Control:
    def __init__(self, simulation: Simulation) -> None:
        self._sim = simulation
        self.router = APIRouter(tags=["simulator"])
        add = self.router.add_api_route
        add("/_sim", self._sim.reset, methods=["DELETE"], status_code=204)
        add("/_sim/log", self._log, methods=["GET"])
        add("/_sim/log", self._forget_log, methods=["DELETE"], status_code=204)
        add("/_sim/stats", self._stats, methods=["GET"])
        add("/_sim/faults", self._faults, methods=["GET"])
        add("/_sim/faults", self._add_faults, methods=["POST"])
        add("/_sim/faults", self._clear_faults, methods=["DELETE"], status_code=204)
        add("/files/{request_id}/{index}.{_extension}", self._file, methods=["GET"], response_model=None)

    async def _log(self) -> list[dict[str, Any]]:
        return [_entry(job) for job in self._sim.queue.log]

    async def _forget_log(self) -> None:
        self._sim.forget_log()

    async def _stats(self) -> dict[str, int]:
        return self._sim.queue.stats()

    async def _faults(self) -> list[dict[str, Any]]:
        return [rule.listing() for rule in self._sim.faults.rules]

    async def _add_faults(self, rules: Annotated[list[Rule], Body()]) -> list[dict[str, Any]]:
        self._sim.faults.rules += rules
        return await self._faults()

    async def _clear_faults(self) -> None:
        self._sim.faults.rules.clear()

    async def _file(self, request_id: str, index: int, _extension: str) -> Response:
        job = self._sim.queue.jobs.get(request_id)
        if job is None:
            raise HTTPException(404, "No such file")
        return await self._sim.faults.through("file", job.submission, lambda: self._sim.file(job, index))


def _entry(job: Job) -> dict[str, Any]:
    return {
        "request_id": job.request_id,
        "number": job.submission.number,
        "endpoint": job.endpoint,
        "prompt": job.submission.prompt,
        "seed": job.submission.seed,
        "status": job.status,
        "submitted_at": job.submitted_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "cancelled": job.cancelled,
        "delivered": job.delivered,
        "posed_by_map": isinstance(job.drawing, Drawing) and job.drawing.from_map,
        "dressed_as": job.drawing.dress if isinstance(job.drawing, Drawing) else None,
        "fault": job.fault,
        "error_type": job.failure and job.failure.error_type,
    }
