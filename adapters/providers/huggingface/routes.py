"""The services behind the router, by their name in the settings."""

from typing import Final

from adapters.providers.huggingface.blocking import FalRoute, InferenceRoute
from adapters.providers.huggingface.queued import FalQueueRoute

Route = FalQueueRoute | FalRoute | InferenceRoute
ROUTES: Final[dict[str, type[Route]]] = {
    "fal-ai-queue": FalQueueRoute,
    "fal-ai": FalRoute,
    "hf-inference": InferenceRoute,
}
