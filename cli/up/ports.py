"""Ports on this machine's own address: the asked one or an error that names its flag, or any free one."""

import random
import socket
from pathlib import Path

from cli.up import files
from schema.errors import Conflict

HOST = "127.0.0.1"

# Below the range that systems take outgoing connections' ports from: such a connection could hold the port
# of a server that is just being restarted, even one that a client made to itself while it tried to reconnect.
ANY_FREE = range(20_000, 32_000)
TRIED = 500


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(port: int, flag: str) -> int:
    """Free now; another program may still be faster, so whoever starts a server on it looks again."""
    if port == 0:
        return next(found for found in random.sample(ANY_FREE, TRIED) if is_free(found))
    if not is_free(port):
        raise Conflict(f"Port {port} is taken. Choose another one with {flag} (0 takes any free one).")
    return port


def kept(path: Path) -> int:
    """The port noted at `path`, so that URLs with it outlive a restart; another one once that is taken."""
    port = int(path.read_text()) if path.exists() else 0
    if not port or not is_free(port):
        port = choose(0, "")
        files.write_private(path, str(port))
    return port
