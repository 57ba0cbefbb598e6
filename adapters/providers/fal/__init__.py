"""The provider client for fal.ai's queue protocol."""

from adapters.providers.fal.looks import FalCheck, FalMatting
from adapters.providers.fal.provider import FalProvider

__all__ = ["FalCheck", "FalMatting", "FalProvider"]
