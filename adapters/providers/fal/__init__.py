"""The provider client for fal.ai's queue protocol."""

from adapters.providers.fal.matting import FalMatting
from adapters.providers.fal.provider import FalProvider

__all__ = ["FalMatting", "FalProvider"]
