"""fal's queue over HTTP: submit, status, status stream, result, cancel.

As at fal, a submission is accepted before its input is read: what is wrong with it shows in the result.
"""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response, StreamingResponse

from simulator.failures import invalid
from simulator.fal import views
from simulator.fal.input import ENDPOINTS, seed_of
from simulator.faults.outcomes import Outcome
from simulator.faults.replies import Stage
from simulator.job import Job, Submission
from simulator.simulation import Simulation

CANCEL_CODES: Final = {"OK": 202, "CANCELLATION_REQUESTED": 202, "ALREADY_COMPLETED": 400}
UNKNOWN: Final[dict[Stage, dict[str, str]]] = {"cancel": {"status": "NOT_FOUND"}}
REQUEST: Final = "/{owner}/{app}/requests/{request_id}"

JobAnswer = Callable[[Request, Job], Awaitable[Response]]


class FalQueue:
    def __init__(self, simulation: Simulation) -> None:
        self._sim = simulation
        self.router = APIRouter(tags=["fal"], dependencies=[Depends(self._check_key)])
        self._route("GET", f"{REQUEST}/status", "status", self._status)
        self._route("GET", f"{REQUEST}/status/stream", "status", self._stream)
        self._route("GET", REQUEST, "result", self._result)
        self._route("PUT", f"{REQUEST}/cancel", "cancel", self._cancel)
        self.router.add_api_route("/{endpoint:path}", self._submit, methods=["POST"], response_model=None)

    def _route(self, method: str, path: str, stage: Stage, answer: JobAnswer) -> None:
        async def route(request: Request) -> Response:
            job = self._job(request)
            if job is None:
                return JSONResponse(UNKNOWN.get(stage, {"detail": "Request not found"}), 404)
            return await self._sim.faults.through(stage, job.submission, partial(answer, request, job))

        self.router.add_api_route(path, route, methods=[method], response_model=None)

    async def _check_key(self, request: Request) -> None:
        key = self._sim.settings.key
        given = request.headers.get("authorization", "")
        if key and not secrets.compare_digest(given.encode(), f"Key {key.get_secret_value()}".encode()):
            raise HTTPException(401, "Authentication is required to access this application.")

    def _job(self, request: Request) -> Job | None:
        path = request.path_params
        job = self._sim.queue.jobs.get(path["request_id"])
        return job if job and job.endpoint.split("/")[:2] == [path["owner"], path["app"]] else None

    async def _submit(self, request: Request, endpoint: str) -> Response:
        if endpoint not in ENDPOINTS:
            raise HTTPException(404, f"Application '{endpoint}' not found")
        body = await _json_object(request)
        submission = self._sim.attempt(seed_of(body), str(body.get("prompt", "")), endpoint)
        answer = partial(self._accept, request, endpoint, body, submission)
        return await self._sim.faults.through("submit", submission, answer)

    async def _accept(
        self, request: Request, endpoint: str, body: dict[str, Any], submission: Submission
    ) -> Response:
        fault, outcome = self._sim.faults.outcome(submission)
        try:
            order = ENDPOINTS[endpoint].model_validate(body).order(endpoint, submission.seed)
        except ValidationError as error:
            order, outcome = None, Outcome(failure=invalid(error))
        job = Job(endpoint, submission, order, outcome, fault, _start_timeout_s(request))
        self._sim.queue.add(job)
        return _json(views.submitted(_base(request), job, self._sim.queue.position(job)), job)

    async def _status(self, request: Request, job: Job) -> Response:
        return _json(self._status_body(request, job), job, 200 if job.status == "COMPLETED" else 202)

    def _status_body(self, request: Request, job: Job) -> dict[str, Any]:
        with_logs = request.query_params.get("logs") in {"1", "true"}
        return views.status(_base(request), job, self._sim.queue.position(job), with_logs=with_logs)

    async def _stream(self, request: Request, job: Job) -> Response:
        async def events() -> AsyncIterator[str]:
            while True:
                changed = job.changed
                yield f"data: {json.dumps(self._status_body(request, job))}\n\n"
                if job.status == "COMPLETED":
                    return
                await changed.wait()

        return StreamingResponse(events(), media_type="text/event-stream", headers=_headers(job))

    async def _result(self, request: Request, job: Job) -> Response:
        if job.failure:
            return job.failure.response(job.request_id)
        if job.ended_at is None or job.drawing is None:
            return _json({"detail": "Request is still in progress"}, job, 400)
        response = _json(await views.result(_base(request), job, job.drawing, self._sim), job)
        response.headers["x-fal-billable-units"] = views.billable_units(job.drawing)
        return response

    async def _cancel(self, _: Request, job: Job) -> Response:
        answer = self._sim.queue.cancel(job)
        return _json({"status": answer}, job, CANCEL_CODES[answer])


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise HTTPException(422, [{"loc": ["body"], "msg": "Not a JSON object", "type": "json_invalid"}])
    return body


def _start_timeout_s(request: Request) -> float | None:
    try:
        return float(request.headers["x-fal-request-timeout"])
    except (KeyError, ValueError):
        return None


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _headers(job: Job) -> dict[str, str]:
    return {"x-fal-request-id": job.request_id}


def _json(body: dict[str, Any], job: Job, status: int = 200) -> JSONResponse:
    return JSONResponse(body, status, _headers(job))
