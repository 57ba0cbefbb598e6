"""What can become of an accepted job: the faults of stage `run`."""

from dataclasses import dataclass
from typing import Final

from simulator.drawn import Spoil
from simulator.failures import Failure
from simulator.faults import spoil


@dataclass(frozen=True)
class Outcome:
    failure: Failure | None = None
    spoil: Spoil | None = None
    flagged: bool = False
    never_ends: bool = False


GOOD: Final = Outcome()

OUTCOMES: Final[dict[str, Outcome]] = {
    "never_ends": Outcome(never_ends=True),
    "black_flagged": Outcome(spoil=spoil.black, flagged=True),
    "black": Outcome(spoil=spoil.black),
    "flagged": Outcome(flagged=True),
    "garbage": Outcome(spoil=spoil.garbage),
    "truncated": Outcome(spoil=spoil.truncated),
    "wrong_size": Outcome(spoil=spoil.wrong_size),
    "too_large": Outcome(spoil=spoil.too_large),
    "moderated": Outcome(
        Failure(
            422,
            "content_policy_violation",
            "The content could not be processed because it was flagged by a content checker.",
            loc=("body", "prompt"),
        )
    ),
    "no_media": Outcome(Failure(422, "no_media_generated", "No images were generated.")),
    "failed_422": Outcome(
        Failure(
            422,
            "value_error",
            "Value error, not a supported value",
            loc=("body", "scheduler"),
            exception="ValueError",
        )
    ),
    "failed_500": Outcome(Failure(500, "internal_server_error", "Internal server error")),
    "out_of_memory": Outcome(
        Failure(500, "internal_server_error", "CUDA out of memory", exception="torch.OutOfMemoryError")
    ),
    "failed_503": Outcome(
        Failure(503, "downstream_service_unavailable", "Downstream service unavailable", retryable=True)
    ),
    "failed_504": Outcome(Failure(504, "generation_timeout", "Generation timed out")),
    "failed_quietly": Outcome(
        Failure(500, "internal_server_error", "Internal server error", shown_in_status=False)
    ),
    "gateway_500": Outcome(Failure(500, "internal_error", "Internal server error", gateway=True)),
    "gateway_503": Outcome(
        Failure(503, "runner_disconnected", "Runner disconnected", gateway=True, retryable=True)
    ),
    "gateway_504": Outcome(
        Failure(504, "startup_timeout", "Runner startup timed out", gateway=True, retryable=True)
    ),
}
