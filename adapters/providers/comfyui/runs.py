"""Runs of a graph, found again by ids that follow from what they make."""

import uuid
from typing import Any, Final

from adapters.providers.comfyui.server import Place, Server
from adapters.providers.pace import Pace, Sleep
from schema.errors import SENTENCES, ProviderBusy, ProviderRejected, ProviderUnavailable, SubmitUnclear

IDS: Final = uuid.UUID("b2b6f7a2-5a43-4f6e-9c9e-1f3c6f0f7d5e")
MOST_RUNS: Final = 50
"""Of one picture; far more than the failures an item survives."""
QUEUE_LOOK_S: Final = 5.0
LOST_AFTER_LOOKS: Final = 3
CANCEL_PAUSE_S: Final = 0.5


def run_id(key: str, number: int) -> str:
    return str(uuid.uuid5(IDS, f"{key}/{number}"))


def succeeded(entry: dict[str, Any]) -> bool:
    """Some servers keep no status."""
    status = entry.get("status")
    return not isinstance(status, dict) or status.get("status_str") == "success"


class Runs:
    def __init__(self, server: Server, sleep: Sleep) -> None:
        self._server = server
        self._sleep = sleep

    async def next_of(self, key: str) -> tuple[str, bool]:
        """The first run for this key that has not failed, and whether the server knows it already."""
        for number in range(MOST_RUNS):
            prompt_id = run_id(key, number)
            if await self._server.place(prompt_id) is not Place.NOWHERE:
                return prompt_id, True
            entry = await self._server.history(prompt_id)
            if entry is None or succeeded(entry):
                return prompt_id, entry is not None
        raise ProviderRejected(SENTENCES[ProviderRejected.code], details={"failed_runs": MOST_RUNS})

    async def finished(self, prompt_id: str, pace: Pace) -> dict[str, Any]:
        """Its entry in the history. In neither list for a while: the server has forgotten it."""
        missed, looked_at_s = 0, 0.0
        while missed < LOST_AFTER_LOOKS:
            told_s = None
            try:
                if entry := await self._server.history(prompt_id):
                    return entry
                if pace.waited_s - looked_at_s >= QUEUE_LOOK_S:
                    looked_at_s = pace.waited_s
                    missing = await self._server.place(prompt_id) is Place.NOWHERE
                    missed = missed + 1 if missing else 0
            except (ProviderBusy, ProviderUnavailable) as trouble:  # says nothing about the run
                told_s = trouble.retry_after_s
            await pace.pause(told_s)
        details = {"request_id": prompt_id, "reason": "in neither queue nor history"}
        raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=details)

    async def remove(self, prompt_id: str) -> None:
        """From the queue, or while it runs; never by an interrupt that could hit somebody else's run."""
        while True:
            await self._server.forget_pending(prompt_id)
            place = await self._server.place(prompt_id)
            if place is Place.NOWHERE:
                return
            if place is Place.RUNNING:
                await self._server.interrupt(prompt_id)
            await self._sleep(CANCEL_PAUSE_S)
