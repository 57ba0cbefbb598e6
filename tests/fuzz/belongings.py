"""What the fuzzed user has: one of everything, so that ids lead somewhere more often than not."""

from functools import partial
from io import BytesIO
from typing import Any, Final

import httpx
from PIL import Image

from schema.models.custom_poses import STANDING
from tests.eventually import eventually

NOBODY_LISTENS: Final = "http://127.0.0.1:9/hook"
POSE: Final = {"name": "Mine", "openpose": {"pose_keypoints_2d": STANDING, "width": 512, "height": 512}}
WITHIN_S: Final = 60

Ids = dict[str, list[str]]
"""By the name of the parameter that takes them."""


def picture() -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, "PNG")
    return out.getvalue()


async def gathered(user: httpx.AsyncClient) -> Ids:
    project = (await _post(user, "/projects", {"projectName": "Fuzz"}))["project"]["id"]
    poses = [pose["id"] for pose in (await _get(user, "/library", premium=False, limit=5))["poses"]]
    generation = await _generated(user, project, poses[:2])
    results = (await _get(user, f"/generations/{generation}/results"))["results"]
    upload = await user.post("/uploads", files={"file": picture()})
    wish = {"poseName": "Umbrella", "description": "holding an umbrella"}
    return {
        "project_id": [project],
        "generation_id": [generation],
        "item_id": [result["id"] for result in results],
        "upload_id": [upload.json()["upload"]["id"]],
        "library_pose": poses,
        "custom_pose": [(await _post(user, f"/projects/{project}/poses", POSE))["pose"]["id"]],
        "avatar_id": [(await _post(user, "/avatars", {"name": "Me", "style": "casual"}))["avatar"]["id"]],
        "request_id": [(await _post(user, "/requests", wish))["request"]["id"]],
        "delivery_id": [(await _post(user, "/webhooks/test", {"url": NOBODY_LISTENS}))["delivery"]["id"]],
        **await _shared(user, generation),
    }


async def _shared(user: httpx.AsyncClient, generation: str) -> Ids:
    made = await _post(user, f"/generations/{generation}/share", {})
    return {"share_id": [made["share"]["id"]], "token": [made["token"]]}


async def _generated(user: httpx.AsyncClient, project: str, poses: list[str]) -> str:
    order = {"projectId": project, "generationType": "GALLERY_REFERENCE", "selectedPoseIds": poses}
    started = await _post(user, "/generate", order | {"batchSize": 1, "outputFormats": ["web"]})
    generation = str(started["generationId"])
    look = partial(_get, user, f"/generations/{generation}")
    await eventually(look, lambda seen: seen["generation"]["status"] == "completed", within_s=WITHIN_S)
    return generation


async def _post(user: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    answer = await user.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def _get(user: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await user.get(path, params=params)
    assert answer.is_success, answer.text
    return answer.json()
