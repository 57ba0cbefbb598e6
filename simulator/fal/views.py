"""The JSON that fal's queue answers with."""

import math
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from simulator.drawn import Drawn
from simulator.job import Job
from simulator.looks import Look, Seen
from simulator.simulation import Simulation


def urls(base: str, job: Job) -> dict[str, str]:
    """They carry owner and app only, not the endpoint's whole path: a client must follow, not build them."""
    owner, app = job.endpoint.split("/")[:2]
    request = f"{base}/{owner}/{app}/requests/{job.request_id}"
    return {"response_url": request, "status_url": f"{request}/status", "cancel_url": f"{request}/cancel"}


def submitted(base: str, job: Job, position: int) -> dict[str, Any]:
    return {
        "status": "IN_QUEUE",
        "request_id": job.request_id,
        "gateway_request_id": job.request_id,
        **urls(base, job),
        "queue_position": position,
        "logs": None,
        "metrics": {},
    }


def status(base: str, job: Job, position: int, *, with_logs: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "status": job.status,
        "request_id": job.request_id,
        **urls(base, job),
        "logs": _logs(job) if with_logs else None,
        "metrics": {},
    }
    if job.status == "IN_QUEUE":
        body["queue_position"] = position
    if job.ended_at is not None:
        body["metrics"] = {"inference_time": _inference_s(job)}
    if job.failure and job.failure.shown_in_status:
        body |= {"error": job.failure.message, "error_type": job.failure.error_type}
    return body


async def result(base: str, job: Job, drawing: Drawn, simulation: Simulation) -> dict[str, Any]:
    if isinstance(drawing, Seen):
        return await _look(base, job, drawing, simulation)
    images = [
        await _image(base, job, drawing, index, simulation)
        for index in range(job.order.pictures if job.order else 0)
    ]
    return {
        "images": images,
        "timings": {"inference": _inference_s(job)},
        "seed": job.submission.seed,
        "has_nsfw_concepts": [job.outcome.flagged for _ in images],
        "prompt": job.submission.prompt,
    }


async def _look(base: str, job: Job, seen: Seen, simulation: Simulation) -> dict[str, Any]:
    if isinstance(job.order, Look) and job.order.cut:
        return {"image": await _image(base, job, seen, 0, simulation)}
    return {"nsfw_probability": seen.improper(flagged=job.outcome.flagged)}


def billable_units(drawing: Drawn) -> str:
    return str(math.ceil(drawing.width * drawing.height / 1_000_000))


async def _image(base: str, job: Job, drawing: Drawn, index: int, simulation: Simulation) -> dict[str, Any]:
    """What it says of the picture is what was asked for, also when the picture is not that."""
    extension = drawing.media_type.removeprefix("image/")
    url = f"{base}/files/{job.request_id}/{index}.{extension}"
    if job.order and job.order.inline:
        data = await simulation.picture(job, index) or b""
        url = f"data:{drawing.media_type};base64,{b64encode(data).decode()}"
    return {"url": url, "width": drawing.width, "height": drawing.height, "content_type": drawing.media_type}


def _inference_s(job: Job) -> float:
    return round((job.ended_at or 0) - (job.started_at or job.ended_at or 0), 3)


def _logs(job: Job) -> list[dict[str, str]]:
    lines = ((job.started_at, "Drawing the pose"), (job.ended_at, "Finished"))
    return [
        {
            "message": text,
            "level": "INFO",
            "source": "USER",
            "timestamp": datetime.fromtimestamp(at, UTC).isoformat(),
        }
        for at, text in lines
        if at is not None
    ]
