"""What a provider would have billed, and how it misbehaved, in a file: it outlives a killed simulator."""

import json
import time
from pathlib import Path
from typing import Any

from simulator.job import Submission


class Journal:
    def __init__(self, path: Path | None) -> None:
        """Without a path it keeps nothing."""
        self._path = path

    def accepted(self, submission: Submission, request_id: str) -> None:
        self._write("accepted", submission, request_id=request_id)

    def misbehaved(self, kind: str, stage: str, submission: Submission) -> None:
        self._write("misbehaved", submission, kind=kind, stage=stage)

    def _write(self, what: str, submission: Submission, **facts: str) -> None:
        if self._path is None:
            return
        entry: dict[str, Any] = {"what": what, "at": time.time(), "seed": submission.seed, **facts}
        with self._path.open("a", encoding="utf-8") as file:  # handed to the system, so a kill loses nothing
            file.write(json.dumps(entry) + "\n")
