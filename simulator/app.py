"""The simulator as an ASGI app: each protocol is a router; faults and books live beside them under /_sim."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from simulator.control import Control
from simulator.fal.routes import FalQueue
from simulator.faults.wire import TRANSPORT
from simulator.settings import SimulatorSettings
from simulator.simulation import Simulation


class App(FastAPI):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Only here is `send` still the server's own; what resets a connection needs the transport behind it.
        scope[TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


def create_app(settings: SimulatorSettings) -> FastAPI:
    simulation = Simulation(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await simulation.queue.close()

    app = App(title="Provider simulator", lifespan=lifespan)
    app.include_router(Control(simulation).router)
    app.include_router(FalQueue(simulation).router)  # last: its submit takes any path
    return app
