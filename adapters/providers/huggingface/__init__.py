"""Hugging Face Inference Providers: one key, one router, several services behind it."""

from adapters.providers.huggingface.routes import open_huggingface

__all__ = ["open_huggingface"]
