"""What a running `posegen up` tells other commands: where its servers are, in DIR/stack.json.

Readable by its owner only, since it holds the way into the database.
"""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ValidationError

from cli.up import files
from cli.up.process import Process, is_alive
from schema.errors import Unavailable


class Stack(BaseModel):
    data_dir: Path
    supervisor: Process
    processes: list[Process] = []
    ready: bool = False
    api_url: str = ""
    database_url: str = ""
    temporal_address: str = ""
    temporal_ui_url: str = ""
    simulator_url: str = ""
    """Empty where a real provider makes the pictures."""
    pictures: dict[str, str] = {}
    """The settings that say who makes them."""
    worker_metrics: dict[str, str] = {}
    """Where each worker shows its numbers; the API does so at /metrics."""

    @property
    def storage_path(self) -> Path:
        return self.data_dir / "files"

    @property
    def jwt_secret_path(self) -> Path:
        return self.data_dir / "jwt-secret"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """The stack that is up in `data_dir`; raises Unavailable when there is none."""
        stack = cls.last(data_dir)
        if stack is None or not is_alive(stack.supervisor):
            raise Unavailable(f"No running stack in {data_dir}. Start one with: posegen up --data {data_dir}")
        if not stack.ready:
            raise Unavailable(f"The stack in {data_dir} is still starting. Try again once it says ready.")
        return stack

    @classmethod
    def running(cls, data_dir: Path) -> Self | None:
        """The stack of that folder, if one is up."""
        stack = cls.last(data_dir)
        return stack if stack and stack.ready and is_alive(stack.supervisor) else None

    @classmethod
    def last(cls, data_dir: Path) -> Self | None:
        """The stack that was started last, dead or alive."""
        try:
            return cls.model_validate_json(_file(data_dir).read_bytes())
        except (FileNotFoundError, ValidationError):  # of another version: nothing of it can be known
            return None

    def record(self, processes: list[Process]) -> None:
        self.processes = processes
        self.save()

    def save(self) -> None:
        files.write_private(_file(self.data_dir), self.model_dump_json(indent=2))

    def forget(self) -> None:
        _file(self.data_dir).unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        """The settings of every process of this stack."""
        return {
            "ENVIRONMENT": "development",
            "DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.temporal_address,
            "TEMPORAL_NAMESPACE": "default",
            "TEMPORAL_TLS": "false",
            "TEMPORAL_UI_URL": self.temporal_ui_url,
            "JWT_SECRET": files.secret(self.jwt_secret_path),
            "STORAGE_LOCAL_PATH": str(self.storage_path),
            "PUBLIC_BASE_URL": self.api_url,
            **self.pictures,
        }


def _file(data_dir: Path) -> Path:
    return data_dir / "stack.json"
