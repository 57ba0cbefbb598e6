"""The image provider that the settings ask for."""

from adapters.providers import FluxProvider
from adapters.providers.fal import FalProvider
from schema.settings import Settings


def open_provider(settings: Settings) -> FluxProvider:
    """Raise ValueError, in words for the operator, when the settings cannot work."""
    match settings.flux_provider:
        case "fal":
            return FalProvider(settings)
