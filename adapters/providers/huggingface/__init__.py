"""Hugging Face Inference Providers: one key, one router, several services behind it."""

from adapters.providers.huggingface.routes import ROUTES, Route

__all__ = ["ROUTES", "Route"]
