"""The image provider that the settings ask for."""

from adapters.providers import FluxProvider
from adapters.providers.comfyui import ComfyProvider
from adapters.providers.fal import FalProvider
from adapters.providers.huggingface import open_huggingface
from schema.settings import Settings


def open_provider(settings: Settings) -> FluxProvider:
    """Raise ValueError, in words for the operator, when the settings cannot work."""
    match settings.flux_provider:
        case "fal":
            return FalProvider(settings)
        case "huggingface":
            return open_huggingface(settings)
        case "comfyui":
            return ComfyProvider(settings)
