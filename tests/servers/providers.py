"""Every form of every provider, as settings that point it at a simulator."""

from typing import Any, Final

FAL = "fal"
HF_QUEUE = "huggingface-fal-ai-queue"
HF_FAL = "huggingface-fal-ai"
HF_INFERENCE = "huggingface-hf-inference"
COMFYUI = "comfyui"

RESUMABLE: Final = (FAL, HF_QUEUE, COMFYUI)
BLOCKING: Final = (HF_FAL, HF_INFERENCE)
FAL_JOBS: Final = (FAL, HF_QUEUE, HF_FAL)
"""They speak of jobs in fal's words."""
FORMS: Final = (*RESUMABLE, *BLOCKING)


def form_settings(form: str, url: str, key: str) -> dict[str, Any]:
    provider, _, route = form.partition("-")
    return {
        "flux_provider": provider,
        "fal_queue_url": url,
        "fal_key": key,
        "fal_allowed_hosts": ("127.0.0.1",),
        "huggingface_api_key": key,
        "huggingface_url": f"{url}/huggingface",
        "huggingface_hub_url": f"{url}/huggingface",
        "comfyui_url": f"{url}/comfyui",
        "comfyui_api_key": key,
    } | ({"huggingface_route": route} if route else {})
