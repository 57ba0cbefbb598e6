"""The image provider that the settings ask for."""

from adapters.providers import Capabilities, FluxProvider
from adapters.providers.comfyui import ComfyProvider
from adapters.providers.fal import FalProvider
from adapters.providers.huggingface import ROUTES, Route
from schema.errors import Misconfigured
from schema.settings import Settings


def open_provider(settings: Settings) -> FluxProvider:
    """Raise Misconfigured when the settings cannot work."""
    try:
        return _chosen(settings)(settings)
    except ValueError as error:
        raise Misconfigured(str(error)) from error


def capabilities(settings: Settings) -> Capabilities:
    """Without opening it, so for any process that has no key."""
    return _chosen(settings).capabilities


def _chosen(settings: Settings) -> type[FalProvider] | type[ComfyProvider] | type[Route]:
    match settings.flux_provider:
        case "fal":
            return FalProvider
        case "huggingface":
            return ROUTES[settings.huggingface_route]
        case "comfyui":
            return ComfyProvider
