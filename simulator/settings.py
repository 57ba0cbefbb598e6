"""What one simulator is told at its start; everything else is told at run time under /_sim."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr


class SimulatorSettings(BaseModel, frozen=True):
    latency_s: float = Field(2, ge=0, description="how long a picture takes, so that one sees it work")
    jitter_s: float = Field(0, ge=0, description="at most this much longer, by the seed")
    concurrency: int = Field(1000, ge=1, description="jobs IN_PROGRESS at once; the rest waits IN_QUEUE")
    key: SecretStr | None = Field(None, description="the only key accepted; without one, any is")
    render_threads: int = Field(2, ge=1, description="pictures drawn at once")
    variants: int | None = Field(
        None, ge=1, description="so few pictures of a pose, to spare a benchmark's CPU"
    )
    cached_pictures: int = Field(64, ge=1, description="pictures kept; others are drawn again when asked for")
    journal: Path | None = Field(None, description="a file to note every accepted submission and fault in")
