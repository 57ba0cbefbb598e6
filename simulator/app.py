"""The simulator as an ASGI app: each protocol is a router; faults and books live beside them under /_sim."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.comfyui.routes import Comfy
from simulator.control import Control
from simulator.fal.routes import FalQueue
from simulator.faults.wire import TRANSPORT
from simulator.faults.wording import Refused
from simulator.huggingface.fal import RoutedFal
from simulator.huggingface.hub import Hub
from simulator.huggingface.inference import Inference
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
    app.add_exception_handler(Refused, _send_refusal)
    app.include_router(Control(simulation).router)
    app.include_router(RoutedFal(simulation).router, prefix="/huggingface/fal-ai")
    for part in (Hub(simulation), Inference(simulation)):
        app.include_router(part.router, prefix="/huggingface")
    app.include_router(Comfy(simulation).router, prefix="/comfyui")
    app.include_router(FalQueue(simulation).router)  # last: its submit takes any path
    return app


async def _send_refusal(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    return refused.response
