"""`posegen api`: one process of the HTTP API; run as many as needed behind a balancer."""

from typing import Annotated

import typer
import uvicorn

from cli.context import DataDir, application, settings
from telemetry import logs
from workflows import sdk

app = application()

STREAMS_END_AFTER_S = 5  # open event streams are cut at a stop; clients reconnect and miss nothing


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    data: DataDir = None,
) -> None:
    """Serve the HTTP API and the Studio page."""
    chosen = settings(data)
    logs.install(chosen.log_format, chosen.log_level, chosen.secrets)
    sdk.install(measured=True)
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        log_config=None,  # its lines come as ours do
        access_log=False,  # api.access_log says it without addresses
        proxy_headers=False,  # who may speak for others says TRUSTED_PROXIES
        timeout_graceful_shutdown=STREAMS_END_AFTER_S,
    )
