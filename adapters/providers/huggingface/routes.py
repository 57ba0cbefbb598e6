"""The route that the settings choose."""

from adapters.providers import FluxProvider
from adapters.providers.huggingface.blocking import FalRoute, InferenceRoute
from adapters.providers.huggingface.queued import FalQueueRoute
from schema.settings import Settings


def open_huggingface(settings: Settings) -> FluxProvider:
    match settings.huggingface_route:
        case "fal-ai-queue":
            return FalQueueRoute(settings)
        case "fal-ai":
            return FalRoute(settings)
        case "hf-inference":
            return InferenceRoute(settings)
