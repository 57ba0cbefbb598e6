"""What schemathesis is told: who asks, which ids there are, and what does not hold here and why."""

import json
from typing import Final

from tests.fuzz.belongings import Ids

PLACES: Final = {
    "generation_id": "generation_id",
    "item_id": "item_id",
    "project_id": "project_id",
    "pose_id": "library_pose",
    "upload_id": "upload_id",
    "avatar_id": "avatar_id",
    "request_id": "request_id",
    "share_id": "share_id",
    "delivery_id": "delivery_id",
    "token": "token",
}
FIELDS: Final = {
    "projectId": "project_id",
    "avatarId": "avatar_id",
    "selectedPoseIds[*]": "library_pose",
    "backgroundImageUrl": "upload_id",
    "imageUrl": "upload_id",
    "avatarImageUrl": "upload_id",
    "referenceImageUrl": "upload_id",
    "itemIds[*]": "item_id",
    "formatName": "format",
    "outputFormats[*]": "format",
    "webhookUrl": "receiver",
    "url": "receiver",
    "prompt": "words",
    "textPrompt": "words",
    "backgroundPrompt": "words",
}
WORDS: Final[Ids] = {
    "format": ["web", "tiktok", "original", "instagram_story"],
    "receiver": ["http://127.0.0.1:9/hook"],
    "words": ["standing with arms crossed", "' OR 1=1 --", "in a batik shirt", "../../etc/passwd"],
}
OFTEN: Final = 0.7
STREAMS: Final = ("followGeneration", "followGenerations")
"""They end when they like; test_streams asks them."""
SIGNED_IN: Final = ("[auth.openapi.bearer]", 'bearer = "${FUZZ_TOKEN}"')
DOES_NOT_HOLD: Final = {
    "positive_data_acceptance": "whether prompts, places, cursors and formats are good no schema says",
}


def written(ids: Ids, *, signed_in: bool) -> str:
    """A configuration file; the token comes by the environment."""
    known = ids | WORDS
    bindings = {f"path.{name}": kind for name, kind in PLACES.items()}
    bindings |= {f"body.{name}": kind for name, kind in FIELDS.items()}
    return "\n".join(
        [
            'hooks = "tests.fuzz.hooks"',
            "request-timeout = 60",
            "continue-on-failure = true",
            *(SIGNED_IN if signed_in else ()),
            *(f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in known.items()),
            "[parameters]",
            *(f"{json.dumps(place)} = {_binding(kind)}" for place, kind in bindings.items()),
            "[checks]",
            *(f"{name}.enabled = false" for name in DOES_NOT_HOLD),
            *(f'[[operations]]\ninclude-operation-id = "{name}"\nenabled = false' for name in STREAMS),
            '[[operations]]\ninclude-path-regex = "/projects/.*/poses/"',
            f'parameters = {{ "path.pose_id" = {_binding("custom_pose")} }}',
        ]
    )


def _binding(kind: str) -> str:
    return f'{{ dictionary = "{kind}", probability = {OFTEN} }}'
