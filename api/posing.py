"""Poses that people give us: checked, drawn, and only then kept. No transaction waits for the drawing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.gallery import Gallery
from imaging import given
from imaging.given import BadPose
from imaging.given_posture import from_posture
from imaging.soundness import out_of_frame
from schema import prompts
from schema.database import Database
from schema.errors import StorageUnavailable, Unavailable, ValidationFailed
from schema.models.custom_poses import CustomPoseDraft, OpenPoseDocument
from schema.models.pose_admin import LibraryPoseChange, LibraryPoseDraft
from schema.pose import Keypoints
from schema.queries import custom_poses, pose_admin
from schema.tables import Pose


@dataclass(frozen=True)
class Posing:
    database: Database
    gallery: Gallery

    async def add_custom(self, project_id: str, user_id: str, draft: CustomPoseDraft) -> Pose:
        async with self.database.transaction() as session:
            await custom_poses.require_room(session, project_id, user_id)
        _check_words(draft.name, draft.description)
        drawn = await self._drawn(_of_openpose(draft.openpose, draft.score_limit))
        values = drawn | {"name": draft.name, "description": draft.description or draft.name}
        async with self.database.transaction() as session:
            return await custom_poses.create(session, project_id, user_id, values)

    async def add(self, draft: LibraryPoseDraft) -> Pose:
        _check_words(draft.name, draft.description)
        async with self.database.transaction() as session:
            await pose_admin.require_category(session, draft.category_id)
        drawn = await self._drawn(_body(draft))
        async with self.database.transaction() as session:
            return await pose_admin.create(session, draft.values | drawn)

    async def change(self, pose_id: str, wanted: LibraryPoseChange) -> Pose:
        """A new body gets new pictures; those of the old one stay, since past generations show them."""
        async with self.database.transaction() as session:
            await pose_admin.find(session, pose_id)
        _check_words(wanted.name, wanted.description)
        drawn = await self._drawn(_body(wanted)) if wanted.given else {}
        async with self.database.transaction() as session:
            return await pose_admin.change(session, pose_id, wanted.values | drawn, retired=wanted.is_retired)

    async def _drawn(self, keypoints: Keypoints) -> dict[str, Any]:
        """The columns of a pose that follow from its body."""
        try:
            await self.gallery.hang(keypoints)
        except StorageUnavailable as error:
            raise Unavailable("The pose cannot be drawn now: the storage is away. Try again.") from error
        where = self.gallery.keys_of(keypoints)
        return {
            "keypoints": [list(point) if point else None for point in keypoints],
            "preview_image_key": where["preview"],
            "reference_image_key": where["reference"],
            "thumbnail_key": where["thumbnail"],
            "controlnet_image_key": where["controlnet"],
        }


def _check_words(*texts: str | None) -> None:
    for text in filter(None, texts):
        prompts.check_content(text)


def _body(wanted: LibraryPoseDraft | LibraryPoseChange) -> Keypoints:
    posture, openpose, points = wanted.posture, wanted.openpose, wanted.keypoints
    if posture is not None:
        return _checked("posture", lambda: from_posture(posture, wanted.camera))
    if openpose is not None:
        return _framed("openpose", _of_openpose(openpose, wanted.score_limit))
    return _framed("keypoints", _checked("keypoints", lambda: given.checked(points or [])))


def _of_openpose(document: OpenPoseDocument, score_limit: float) -> Keypoints:
    width, height = document.canvas_width, document.canvas_height
    return _checked(
        "openpose", lambda: given.from_openpose(document.flat, width, height, score_limit=score_limit)
    )


def _framed(field: str, keypoints: Keypoints) -> Keypoints:
    """The library's own poses keep a margin, so that no foot is cut off."""
    found = [given.Finding(*said.split(": ", 1)) for said in out_of_frame(keypoints)]
    if found:
        raise _refusal(field, BadPose(found))
    return keypoints


def _checked(field: str, read: Callable[[], Keypoints]) -> Keypoints:
    try:
        return read()
    except BadPose as error:
        raise _refusal(field, error) from error


def _refusal(field: str, error: BadPose) -> ValidationFailed:
    details = [
        {"path": f"{field}.{found.part}", "in": "body", "message": found.fault} for found in error.found
    ]
    return ValidationFailed(f"{field}: {error.found[0]}", details=details)
