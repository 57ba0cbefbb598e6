"""ComfyUI over HTTP: graphs are queued, asked about, interrupted; pictures go in and come out.

One difference: as many graphs run at once as the simulator has slots, where ComfyUI runs one.
"""

import platform
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from simulator.access import check_bearer
from simulator.comfyui import nodes, reading
from simulator.comfyui.books import Books, Run, entry, image
from simulator.comfyui.files import Files, with_text
from simulator.comfyui.validation import judge
from simulator.comfyui.wording import page
from simulator.faults.replies import Stage
from simulator.faults.wording import Refusal
from simulator.job import Job, Submission
from simulator.simulation import Simulation

NOBODY: Final = Submission(0, -1, "")
"""For calls that are about no graph: rules that ask for nothing apply to them too."""
GIB: Final = 2**30


class Comfy:
    def __init__(self, simulation: Simulation) -> None:
        self._sim = simulation.worded(page)
        self._books = Books()
        self._files = Files()
        self.router = APIRouter(tags=["comfyui"], dependencies=[Depends(self._check_key)])
        self._route("POST", "/prompt", self._prompt)
        self._route("GET", "/queue", self._queue)
        self._route("POST", "/queue", self._delete)
        self._route("POST", "/interrupt", self._interrupt)
        self._route("GET", "/history/{prompt_id}", self._history)
        self._route("GET", "/view", self._view)
        self._route("POST", "/upload/image", self._upload)
        self._route("GET", "/system_stats", self._stats)
        self._route("GET", "/object_info", self._infos)
        self._route("GET", "/object_info/{kind}", self._infos)

    def _route(self, method: str, path: str, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self.router.add_api_route(path, answer, methods=[method], response_model=None)

    async def _check_key(self, request: Request) -> None:
        check_bearer(request, self._sim.settings, page)

    async def _prompt(self, request: Request) -> Response:
        body = await request.json()
        verdict = judge(body.get("prompt"), self._files.has)
        if verdict.error:
            return JSONResponse({"error": verdict.error, "node_errors": verdict.node_errors}, 400)
        order = reading.order(body["prompt"], verdict.outputs[0], self._files.url)
        submission = self._sim.attempt(order.seed, order.prompt)

        async def accept() -> Response:
            fault, outcome = self._sim.faults.outcome(submission)
            job = Job("comfyui", submission, order, outcome, fault)
            prompt_id = str(body.get("prompt_id") or uuid.uuid4())
            extra = body.get("extra_data") or {}
            number = next(self._books.numbers)
            run = Run(number, prompt_id, body["prompt"], extra, verdict.outputs, job)
            self._books.add(run)
            self._sim.queue.add(job)
            told = {"prompt_id": prompt_id, "number": run.number, "node_errors": verdict.node_errors}
            return JSONResponse(told)

        return await self._sim.faults.through("submit", submission, accept)

    async def _queue(self, _: Request) -> Response:
        running, pending = self._books.in_queue("IN_PROGRESS"), self._books.in_queue("IN_QUEUE")
        return JSONResponse({"queue_running": running, "queue_pending": pending})

    async def _delete(self, request: Request) -> Response:
        body = await request.json()
        runs = self._books.pending(body.get("delete", []))

        async def delete() -> Response:
            for run in runs:
                self._sim.queue.cancel(run.job)
                self._books.forget(run)
            return Response()

        return await self._through("cancel", runs, delete)

    async def _interrupt(self, request: Request) -> Response:
        body = await request.json() if await request.body() else {}
        runs = self._books.running(body.get("prompt_id"))

        async def interrupt() -> Response:
            for run in runs:
                self._sim.queue.cancel(run.job)
            return Response()

        return await self._through("cancel", runs, interrupt)

    async def _history(self, request: Request) -> Response:
        """Nothing tells what is unknown from what is not finished."""
        prompt_id = request.path_params["prompt_id"]
        run = self._books.finished(prompt_id)

        async def tell() -> Response:
            return JSONResponse({prompt_id: entry(run)} if run else {})

        runs = self._books.of(prompt_id)
        return await (self._through("status", runs, tell) if runs else tell())

    async def _view(self, request: Request) -> Response:
        wanted = {name: request.query_params.get(name, "") for name in ("filename", "subfolder", "type")}
        run = next((run for run in self._books.done() if image(run) == wanted), None)
        if run is None:
            return page(Refusal(404, "Not Found"))

        async def send() -> Response:
            data = await self._sim.picture(run.job, 0) or b""
            return Response(with_text(data, "prompt", run.graph), media_type="image/png")

        return await self._sim.faults.through("file", run.job.submission, send)

    async def _upload(self, request: Request) -> Response:
        form = await request.form()
        picture, subfolder = form.get("image"), str(form.get("subfolder", ""))
        if not isinstance(picture, UploadFile) or not picture.filename or ".." in subfolder:
            return page(Refusal(400, "Bad Request"))
        data = await picture.read()
        overwrite = form.get("overwrite") in {"true", "1"}
        name = self._files.put(subfolder, picture.filename, data, overwrite=overwrite)

        async def stored() -> Response:
            return JSONResponse({"name": name, "subfolder": subfolder, "type": "input"})

        return await self._sim.faults.through("upload", NOBODY, stored)

    async def _stats(self, _: Request) -> Response:
        system = {"os": "posix", "comfyui_version": "0.3.68", "python_version": platform.python_version()}
        device = {"name": "simulated", "type": "cuda", "index": 0, "vram_total": 24 * GIB, "vram_free": GIB}
        return JSONResponse({"system": system, "devices": [device]})

    async def _infos(self, request: Request) -> Response:
        kind = request.path_params.get("kind")
        kinds = [one for one in nodes.INPUTS if kind in {None, one}]
        return JSONResponse({one: nodes.info(one, self._files.listed()) for one in kinds})

    async def _through(
        self, stage: Stage, runs: list[Run], answer: Callable[[], Awaitable[Response]]
    ) -> Response:
        submission = runs[-1].job.submission if runs else NOBODY
        return await self._sim.faults.through(stage, submission, answer)
