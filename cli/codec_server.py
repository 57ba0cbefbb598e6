"""`posegen codec-server`: opens sealed payloads for the Temporal Web UI.

Keep it where operators alone reach it.
"""

from typing import Annotated

import typer
import uvicorn

from api import server
from api.codec_server import create_codec_app
from cli.context import DataDir, application, settings
from telemetry import logs

app = application()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8081,
    data: DataDir = None,
) -> None:
    """Serve /decode and /encode to the Temporal Web UI, for admins of the API."""
    chosen = settings(data)
    logs.install(chosen.log_format, chosen.log_level, chosen.secrets)
    uvicorn.run(create_codec_app(chosen), host=host, port=port, **server.OPTIONS)
