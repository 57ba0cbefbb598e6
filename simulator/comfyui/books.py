"""The graphs this ComfyUI knows: its queue, and the history of the rest. In memory only, as there."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.failures import CANCELLED
from simulator.job import Job

MOST_RUNS: Final = 10_000


@dataclass(eq=False)
class Run:
    number: int
    prompt_id: str
    graph: dict[str, Any]
    extra: dict[str, Any]
    outputs: list[str]
    job: Job
    submitted_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    @property
    def item(self) -> list[Any]:
        return [self.number, self.prompt_id, self.graph, self.extra, self.outputs]


class Books:
    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.numbers = itertools.count(1)
        """Never the same again: pictures are named after them."""

    def add(self, run: Run) -> None:
        self.runs.append(run)
        del self.runs[:-MOST_RUNS]

    def of(self, prompt_id: str) -> list[Run]:
        return [run for run in self.runs if run.prompt_id == prompt_id]

    def done(self) -> list[Run]:
        return [run for run in self.runs if run.job.ended_at is not None and not run.job.failure]

    def in_queue(self, status: str) -> list[list[Any]]:
        return [run.item for run in self.runs if run.job.status == status]

    def finished(self, prompt_id: str) -> Run | None:
        """The last one of that id; an id may be used again."""
        ended = [run for run in self.of(prompt_id) if run.job.ended_at is not None]
        return ended[-1] if ended else None

    def running(self, prompt_id: str | None) -> list[Run]:
        return [
            run for run in self.runs if run.job.status == "IN_PROGRESS" and prompt_id in {None, run.prompt_id}
        ]

    def pending(self, prompt_ids: list[str]) -> list[Run]:
        return [run for run in self.runs if run.job.status == "IN_QUEUE" and run.prompt_id in prompt_ids]

    def forget(self, run: Run) -> None:
        self.runs.remove(run)


def entry(run: Run) -> dict[str, Any]:
    return {
        "prompt": run.item,
        "outputs": {} if run.job.failure else {run.outputs[0]: {"images": [image(run)]}},
        "status": {
            "status_str": "error" if run.job.failure else "success",
            "completed": run.job.failure is None,
            "messages": _messages(run),
        },
        "meta": {},
    }


def image(run: Run) -> dict[str, str]:
    prefix = str(run.graph[run.outputs[0]]["inputs"].get("filename_prefix", "ComfyUI_temp"))
    subfolder, _, name = prefix.rpartition("/")
    kind = "output" if run.graph[run.outputs[0]]["class_type"] == "SaveImage" else "temp"
    return {"filename": f"{name}_{run.number:05}_.png", "subfolder": subfolder, "type": kind}


def _messages(run: Run) -> list[list[Any]]:
    told: dict[str, Any] = {"prompt_id": run.prompt_id, "timestamp": run.submitted_ms}
    begun = [["execution_start", told], ["execution_cached", {"nodes": [], **told}]]
    return [*begun, [_end(run), {**told, **_trouble(run)}]]


def _end(run: Run) -> str:
    if run.job.failure is None:
        return "execution_success"
    return "execution_interrupted" if run.job.failure is CANCELLED else "execution_error"


def _trouble(run: Run) -> dict[str, Any]:
    failure = run.job.failure
    if failure is None:
        return {}
    node_id = next(node_id for node_id, node in run.graph.items() if node["class_type"] == "KSampler")
    where = {"node_id": node_id, "node_type": "KSampler", "executed": []}
    if failure is CANCELLED:
        return where
    return {
        **where,
        "exception_message": failure.message,
        "exception_type": failure.exception,
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
    }
