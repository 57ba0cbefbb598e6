"""The Temporal development server with the arguments of temporal-dev.yml, the same as in a container.

Only what differs between a container and a folder of this machine is replaced: file, addresses, log options.
"""

from collections.abc import Iterable
from pathlib import Path

import yaml

from cli.up import ports, programs
from schema.errors import Unavailable

COMPOSE_FILE = Path(__file__).resolve().parents[2] / "temporal-dev.yml"
NAMESPACE = "default"


def arguments(compose_file: Path = COMPOSE_FILE) -> list[str]:
    """The `command` of the Compose file's Temporal service."""
    try:
        words: list[str] = yaml.safe_load(compose_file.read_text())["services"]["temporal"]["command"]
    except FileNotFoundError:
        raise Unavailable(
            f"{compose_file} is missing, which holds the Temporal server's arguments. "
            "Install posegen from its source checkout: make setup"
        ) from None
    return words


def replaced(words: Iterable[str], options: dict[str, str]) -> list[str]:
    """`words` with each of `options` said once, with our value."""
    kept = [word for word in words if word.partition("=")[0] not in options]
    return [*kept, *(f"{name}={value}" for name, value in options.items())]


def argv(database: Path, port: int, ui_port: int, codec_url: str = "", log_format: str = "text") -> list[str]:
    options = {
        "--db-filename": str(database),
        "--ip": ports.HOST,
        "--port": str(port),
        "--ui-port": str(ui_port),
        "--log-level": "warn",
        "--log-format": log_format,
        **({"--ui-codec-endpoint": codec_url} if codec_url else {}),
    }
    return [str(programs.temporal()), *replaced(arguments(), options)]


def namespace_url(ui_url: str) -> str:
    """Answers once workflows can be started, without a Temporal client."""
    return f"{ui_url}/api/v1/namespaces/{NAMESPACE}"


def queue_url(ui_url: str, task_queue: str) -> str:
    return f"{namespace_url(ui_url)}/task-queues/{task_queue}?taskQueueType=TASK_QUEUE_TYPE_WORKFLOW"
