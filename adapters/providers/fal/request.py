"""One picture as a request to fal-ai/flux-general: the body and the headers of the submit call."""

import base64
import json
import math
from typing import Any

from adapters.providers import PictureRequest
from schema.settings import Settings

PICTURE_LIFETIME_S = 24 * 3600
"""Long enough to resume after an outage; then a customer's picture leaves the provider's public CDN."""


def plain_body(request: PictureRequest) -> dict[str, Any]:
    """What every FLUX endpoint takes. Size, seed and format are always said: defaults may change under us."""
    return {
        "prompt": request.prompt,
        "seed": request.seed,
        "image_size": {"width": request.width, "height": request.height},
        "num_images": 1,
        "output_format": "png",
        "enable_safety_checker": True,
    }


def submit_body(request: PictureRequest, settings: Settings) -> dict[str, Any]:
    body = plain_body(request) | {"negative_prompt": request.negative_prompt}
    if request.pose_map is not None:
        body |= _control(request.pose_map, settings)
    if request.reference is not None:
        body["reference_image_url"] = data_uri("image/jpeg", request.reference)
        body["reference_strength"] = settings.reference_strength
    return body


def submit_headers(settings: Settings) -> dict[str, str]:
    """A job nobody waits for any more must not start, so the queue gets our own deadline.

    X-Fal-No-Retry stays off: the queue repeats a lost runner under the same request id and charge,
    while the same repeat from our side would be a second request.
    """
    lifetime = {"expiration_duration_seconds": PICTURE_LIFETIME_S}
    return {
        "X-Fal-Request-Timeout": str(math.ceil(settings.flux_call_timeout_s)),
        "X-Fal-Object-Lifecycle-Preference": json.dumps(lifetime),
    }


def _control(pose_map: bytes, settings: Settings) -> dict[str, Any]:
    """Union nets are told which kind of map they get; single-purpose nets have no such field."""
    control: dict[str, Any] = {
        "control_image_url": data_uri("image/png", pose_map),
        "conditioning_scale": settings.controlnet_scale,
        "end_percentage": settings.controlnet_end,
    }
    path = settings.fal_controlnet_path
    if settings.fal_controlnet_union:
        return {"controlnet_unions": [{"path": path, "controls": [control | {"control_mode": "pose"}]}]}
    return {"controlnets": [{"path": path, **control}]}


def data_uri(media_type: str, picture: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(picture).decode('ascii')}"
