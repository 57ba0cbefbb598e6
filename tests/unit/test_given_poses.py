"""Keypoints and postures from elsewhere: what is sound comes through, what is not is refused by its joint."""

import json
from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest

from imaging.given import BadPose, checked, from_openpose
from imaging.given_posture import from_posture
from imaging.library import load
from schema.models.custom_poses import STANDING
from schema.pose import JOINTS, Keypoints

SIDE = 512


def numbers(**changed: tuple[float, float, float]) -> list[float]:
    flat = [float(value) for value in STANDING]
    for name, values in changed.items():
        place = 3 * JOINTS.index(name)
        flat[place : place + 3] = values
    return flat


def read(flat: list[float], width: int = SIDE, height: int = SIDE, score_limit: float = 0.3) -> Keypoints:
    return from_openpose(flat, width, height, score_limit=score_limit)


def findings(call: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(BadPose) as refused:
        call()
    return dict(refused.value.found)


def test_every_shipped_pose_passes_and_stays_as_it_is() -> None:
    for pose in load().poses:
        assert checked(pose.keypoints) == pose.keypoints, pose.slug


def test_pixels_become_shares_of_the_frame() -> None:
    found = read(numbers())
    assert found[JOINTS.index("nose")] == (0.5, round(78 / 512, 4))
    assert None not in found


def test_a_canvas_that_is_not_square_is_centred_without_stretching() -> None:
    shifted = [value - 56 if place % 3 == 0 else value for place, value in enumerate(numbers())]
    assert read(shifted, 400, 512) == read(numbers())


def test_what_was_not_seen_well_is_absent_and_the_neck_follows_from_the_shoulders() -> None:
    found = read(numbers(left_ear=(0, 0, 0), left_wrist=(9000, -5, 0.29), neck=(0, 0, 0)))
    assert found[JOINTS.index("left_ear")] is None
    assert found[JOINTS.index("left_wrist")] is None
    assert found[JOINTS.index("neck")] == (0.5, round(130 / 512, 4))
    assert read(numbers(left_wrist=(312, 262, 0.29)), score_limit=0.2)[JOINTS.index("left_wrist")]


WRONG: list[tuple[dict[str, tuple[float, float, float]], str, str]] = [
    ({"right_wrist": (513, 262, 1)}, "right_wrist", "outside the canvas of 512x512 at 513, 262"),
    ({"left_ankle": (280, -1, 1)}, "left_ankle", "outside the canvas"),
    ({"nose": (nan, 78, 1)}, "nose", "not a finite number"),
    ({"nose": (256, inf, 1)}, "nose", "not a finite number"),
    ({"nose": (256, 78, nan)}, "nose", "not a finite number"),
    ({"nose": (256, 78, -0.5)}, "nose", "below 0"),
    ({"left_hip": (0, 0, 0)}, "left_hip", "is missing"),
    ({"right_shoulder": (216, 130, 0.1)}, "right_shoulder", "is missing"),
    ({"left_elbow": (500, 500, 1)}, "left_elbow", "times as far from left_shoulder"),
]


@pytest.mark.parametrize(("changed", "joint", "fault"), WRONG)
def test_a_wrong_joint_is_named(
    changed: dict[str, tuple[float, float, float]], joint: str, fault: str
) -> None:
    found = findings(lambda: read(numbers(**changed)))
    assert fault in found[joint]


def test_all_wrong_joints_are_named_at_once() -> None:
    found = findings(lambda: read(numbers(nose=(nan, 0, 1), left_ear=(-3, 4, 1))))
    assert set(found) == {"nose", "left_ear"}


def test_what_is_no_figure_is_refused() -> None:
    def squeezed(x: float, y: float) -> list[float]:
        return [256 + (v - 256) * (x, y, 0)[n % 3] if n % 3 < 2 else v for n, v in enumerate(numbers())]

    assert "of the frame" in findings(lambda: read(squeezed(0.1, 0.1)))["figure"]
    assert findings(lambda: read(squeezed(0, 1)))["figure"] == "is a line"
    trunk = {"neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip", "nose", "left_eye"}
    few = numbers(**{name: (0.0, 0.0, 0.0) for name in JOINTS if name not in trunk})
    assert findings(lambda: read(few))["figure"] == "has 7 joints; at least 8 are needed"
    heap = numbers(**dict.fromkeys(JOINTS[8:14], (256.0, 300.0, 1.0)))
    assert "left_hip" in findings(lambda: read(heap))["right_knee"]


@pytest.mark.parametrize(("count", "hint"), [(0, ""), (53, ""), (75, "BODY_25"), (63, "")])
def test_another_number_of_joints_is_refused(count: int, hint: str) -> None:
    fault = findings(lambda: read([1.0] * count))["figure"]
    assert f"has {count} numbers" in fault
    assert hint in fault


def test_a_posture_is_seen_as_the_library_sees_it() -> None:
    neutral = next(pose for pose in load().poses if pose.slug == "standing-neutral")
    assert from_posture({}, {}) == neutral.keypoints
    assert from_posture({}, {"yaw": 40}) != neutral.keypoints


POSTURES: list[tuple[str, str, str]] = [
    ('{"left_elbow": {"bend": 200}}', "left_elbow.bend", "less than or equal"),
    ('{"left_elbow": {"bend": NaN}}', "left_elbow", "mapping of numbers"),
    ('{"elbows": 5}', "elbows", "mapping of numbers"),
    ('{"elbows": {"bend": 20}, "left_elbow": null}', "left_elbow", "mapping of numbers"),
    ('{"left_elbow": {"bend": [[[[]]]]}}', "left_elbow", "mapping of numbers"),
    ('{"left_elbow": {"twist": 3}}', "left_elbow.twist", "not permitted"),
    ('{"third_arm": {}}', "third_arm", "not permitted"),
    ('{"left_hand": {"to": "moon"}}', "left_hand", "'moon' is no landmark"),
    ('{"left_hand": {"up": 1}}', "left_hand", ""),
    ('{"stands_on": "air"}', "stands_on", "tuple"),
    ('{"stands_on": ["seat"]}', "seat", "should rest on the floor"),
    ('{"left_elbow": {"bend": 1' + "0" * 400 + "}}", "left_elbow.bend", ""),
]


@pytest.mark.parametrize(("posture", "part", "fault"), POSTURES)
def test_a_wrong_posture_is_refused_by_its_joint(posture: str, part: str, fault: str) -> None:
    raw: dict[str, Any] = json.loads(posture)
    found = findings(lambda: from_posture(raw, {}))
    assert part in found, found
    assert fault in found[part]


@pytest.mark.parametrize("camera", [{"yaw": 400}, {"yaw": nan}, {"zoom": 2}, {"pitch": None}])
def test_a_wrong_camera_is_refused(camera: dict[str, Any]) -> None:
    assert next(iter(findings(lambda: from_posture({}, camera)))).startswith(("yaw", "zoom", "pitch"))
