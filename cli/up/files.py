"""Files of the data folder that only their owner may read, and that are there whole or not at all."""

import os
import secrets
from pathlib import Path

PRIVATE = 0o600


def write_private(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def secret(path: Path) -> str:
    """The random secret kept at `path`, drawn at first use."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text()


def rotated(path: Path) -> Path:
    """A log of this run; the run before it stays beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))
    path.touch(PRIVATE)
    return path


def tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
