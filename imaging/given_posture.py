"""Postures written in the terms of the library's files, under the checks that the files pass."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from pydantic import ValidationError

from imaging.body import Impossible, describe
from imaging.camera import Camera
from imaging.given import BadPose, Finding
from imaging.library import LibraryError, sound_keypoints
from imaging.posture import Posture
from schema.pose import Keypoints


def from_posture(raw: Mapping[str, Any], camera: Mapping[str, Any]) -> Keypoints:
    """Whatever is wrong is said with the joint's name."""
    found = [
        Finding(name, "should be a mapping of numbers") for name in raw if not _readable(name, raw[name])
    ]
    if found:
        raise BadPose(found)
    try:
        seen_from = Camera.model_validate(camera)
        return sound_keypoints(Posture.model_validate(raw), seen_from)
    except ValidationError as error:
        raise _refused(describe(error)) from None
    except (Impossible, LibraryError) as error:
        raise _refused(str(error)) from None


def _readable(name: str, part: Any) -> bool:
    """Flat and finite: what the posture's own checks can be asked about."""
    if name == "stands_on":
        return True
    return isinstance(part, dict) and all(_plain(value) for value in part.values())


def _plain(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))


def _refused(said: str) -> BadPose:
    parts = [part.partition(": ") for part in said.split("; ")]
    return BadPose([Finding(name, fault) if fault else Finding("posture", name) for name, _, fault in parts])
