"""Where a process without an HTTP API of its own shows its metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import start_http_server

from telemetry.metrics import REGISTRY


@contextmanager
def shown(address: str) -> Iterator[None]:
    """At `address`, HOST:PORT; raises OSError where that is taken."""
    host, _, port = address.rpartition(":")
    server, thread = start_http_server(int(port), host, REGISTRY)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
