"""What huggingface.co says of a key, and of who serves a model."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from simulator.access import check_bearer
from simulator.faults.wording import Refusal
from simulator.huggingface.wording import error
from simulator.simulation import Simulation

LIVE: Final = {"status": "live", "task": "text-to-image"}
MODELS: Final[dict[str, dict[str, Any]]] = {
    "black-forest-labs/FLUX.1-dev": {
        "hf-inference": {"providerId": "black-forest-labs/FLUX.1-dev", **LIVE},
        "fal-ai": {"providerId": "fal-ai/flux/dev", **LIVE},
    },
    "black-forest-labs/FLUX.1-schnell": {
        "hf-inference": {"providerId": "black-forest-labs/FLUX.1-schnell", **LIVE},
        "fal-ai": {"providerId": "fal-ai/flux/schnell", **LIVE},
    },
    "stabilityai/stable-diffusion-3.5-large": {
        "fal-ai": {"providerId": "fal-ai/stable-diffusion-v35-large", **LIVE},
    },
}


class Hub:
    def __init__(self, simulation: Simulation) -> None:
        self._sim = simulation
        self.router = APIRouter(tags=["huggingface"])
        add = self.router.add_api_route
        add("/api/whoami-v2", self._whoami, methods=["GET"], response_model=None)
        add("/api/models/{model:path}", self._model, methods=["GET"], response_model=None)

    async def _whoami(self, request: Request) -> Response:
        check_bearer(request, self._sim.settings, error)
        if not request.headers.get("authorization"):
            return error(Refusal(401, "Invalid username or password."))
        token = {"displayName": "posegen", "role": "fineGrained"}
        return JSONResponse(
            {"type": "user", "name": "simulator", "auth": {"type": "access_token", "accessToken": token}}
        )

    async def _model(self, request: Request, model: str) -> Response:
        """Open to everybody, but not to a wrong key."""
        if request.headers.get("authorization"):
            check_bearer(request, self._sim.settings, error)
        if model not in MODELS:
            return error(Refusal(404, "Repository not found"))
        about: dict[str, Any] = {"id": model, "pipeline_tag": "text-to-image", "tags": ["diffusers"]}
        if request.query_params.get("expand") == "inferenceProviderMapping":
            about["inferenceProviderMapping"] = MODELS[model]
        return JSONResponse(about)
