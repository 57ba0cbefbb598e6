"""The provider client for a ComfyUI server of one's own."""

from adapters.providers.comfyui.provider import ComfyProvider

__all__ = ["ComfyProvider"]
