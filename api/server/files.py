"""How many connections a process has room for: by the files that the system lets it open."""

import resource
from contextlib import suppress
from typing import Final

MAX_CONNECTIONS: Final = 8192
OTHER_FILES: Final = 256
"""What is open besides clients' connections: the database's, the storage's, files that are sent."""


def ask_for_room() -> None:
    """The usual limit of 1,024 is fewer than the event streams of one process, and may mostly be raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < allowed:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def room() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MAX_CONNECTIONS, max(soft - OTHER_FILES, soft // 2))
