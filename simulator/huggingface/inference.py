"""hf-inference: one call with inputs and parameters, answered with the bytes of the picture."""

import random
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from simulator.access import check_bearer
from simulator.drawn import MediaType
from simulator.faults.wording import Refusal
from simulator.huggingface.hub import MODELS
from simulator.huggingface.wording import error
from simulator.job import Job, Submission
from simulator.pictures import Order
from simulator.simulation import Simulation


class Parameters(BaseModel):
    width: int = Field(1024, ge=64, le=2048, multiple_of=8)
    height: int = Field(1024, ge=64, le=2048, multiple_of=8)
    seed: int = Field(default_factory=lambda: random.getrandbits(31))
    guidance_scale: float = Field(3.5, ge=0, le=20)
    num_inference_steps: int = Field(28, ge=1, le=50)
    negative_prompt: str = ""


class Ask(BaseModel):
    inputs: str = Field(min_length=1)
    parameters: Parameters = Field(default_factory=Parameters)


class Inference:
    def __init__(self, simulation: Simulation) -> None:
        self._sim = simulation.worded(error)
        self.router = APIRouter(tags=["huggingface"])
        self.router.add_api_route(
            "/hf-inference/models/{model:path}", self._infer, methods=["POST"], response_model=None
        )

    async def _infer(self, request: Request, model: str) -> Response:
        check_bearer(request, self._sim.settings, error)
        if model not in MODELS:
            return error(Refusal(400, f"Model {model} is not supported by provider hf-inference"))
        try:
            ask = Ask.model_validate_json(await request.body())
        except ValidationError as wrong:
            return error(Refusal(422, _first(wrong)))
        submission = self._sim.attempt(ask.parameters.seed, ask.inputs)
        png = "image/jpeg" not in request.headers.get("accept", "")
        answer = partial(self._answer, model, ask, submission, "image/png" if png else "image/jpeg")
        return await self._sim.faults.through("submit", submission, answer)

    async def _answer(self, model: str, ask: Ask, submission: Submission, media_type: MediaType) -> Response:
        fault, outcome = self._sim.faults.outcome(submission)
        wanted = ask.parameters
        order = Order(ask.inputs, wanted.seed, wanted.width, wanted.height, media_type)
        job = Job(model, submission, order, outcome, fault)
        self._sim.queue.add(job)
        await job.over()
        if job.failure:
            return error(Refusal(job.failure.status, job.failure.message))
        answer = await self._sim.file(job, 0)
        answer.headers["X-Request-Id"] = job.request_id
        return answer


def _first(wrong: ValidationError) -> str:
    told: Any = wrong.errors()[0]
    return f"{'.'.join(map(str, told['loc']))}: {told['msg']}"
