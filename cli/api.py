"""`posegen api`: one process of the HTTP API; run as many as needed behind a balancer."""

import signal
from typing import Annotated

import typer
import uvicorn

from api import server
from api.app import create_app
from api.server import files
from cli.context import DataDir, application, settings
from cli.observed import observed

app = application()

STREAMS_END_AFTER_S = 5  # open event streams are cut at a stop; clients reconnect and miss nothing


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    data: DataDir = None,
) -> None:
    """Serve the HTTP API and the Studio page."""
    signal.signal(signal.SIGTERM, _leave)
    with observed(settings(data), "posegen-api", measured=True):
        _serve(host, port)


def _leave(*_: object) -> None:
    """uvicorn raises the signal again once it has stopped: then there is still something to send."""
    raise SystemExit(0)


def _serve(host: str, port: int) -> None:
    files.ask_for_room()
    uvicorn.run(
        create_app,
        factory=True,
        host=host,
        port=port,
        timeout_graceful_shutdown=STREAMS_END_AFTER_S,
        **server.OPTIONS,
    )
