"""Runs the simulator in this process until it is told to stop."""

from typing import Final

import uvicorn

from simulator.app import create_app
from simulator.settings import SimulatorSettings

SHUTDOWN_S: Final = 1  # answers that never end must not keep the program alive


def serve(settings: SimulatorSettings, host: str, port: int) -> None:
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    uvicorn.Server(config).run()
