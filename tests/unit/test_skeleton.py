"""The figure bends as a human does and no further, stands on its floor, and is seen as a detector sees."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from imaging.body import Impossible
from imaging.camera import Camera, photograph
from imaging.posture import Posture, adapted
from imaging.skeleton import Skeleton, build, contact_heights
from schema.pose import JOINTS, Point


def posed(**joints: Any) -> Skeleton:
    return build(Posture.model_validate(joints))


def seen(skeleton: Skeleton, **camera: float) -> dict[str, Point | None]:
    return dict(zip(JOINTS, photograph(skeleton, Camera(**camera)), strict=True))


def known(point: Point | None) -> Point:
    assert point is not None
    return point


BENT = {
    "shoulders": {"lift": 60, "toward": 20},
    "elbows": {"bend": 70},
    "left_hip": {"lift": 60},
    "left_knee": {"bend": 80},
}


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ("shoulder", "elbow", 0.180),
        ("elbow", "wrist", 0.148),
        ("hip", "knee", 0.245),
        ("knee", "ankle", 0.246),
    ],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_bones_keep_their_length_in_any_posture(side: str, start: str, end: str, length: float) -> None:
    points = posed(**BENT).points
    assert np.linalg.norm(points[f"{side}_{start}"] - points[f"{side}_{end}"]) == pytest.approx(length)


def test_a_standing_adult_is_seven_and_a_half_heads_tall() -> None:
    points = posed().points
    head = points["head_top"][1] - points["chin"][1]
    assert points["head_top"][1] == pytest.approx(1, abs=0.01)
    assert points["head_top"][1] / head == pytest.approx(7.6, abs=0.2)


@pytest.mark.parametrize(
    ("joints", "joint"),
    [
        ({"left_elbow": {"bend": 170}}, "left_elbow.bend"),
        ({"left_elbow": {"bend": -5}}, "left_elbow.bend"),
        ({"knees": {"bend": 165}}, "left_knee.bend"),
        ({"head": {"turn": 100}}, "head.turn"),
        ({"waist": {"bend": 80}}, "waist.bend"),
        ({"right_hip": {"lift": 60, "toward": 180}}, "right_hip"),
        ({"right_shoulder": {"lift": 120, "toward": 170}}, "right_shoulder"),
        ({"left_shoulder": {"lift": 40, "turn_in": 140}}, "left_shoulder"),
        ({"left_hip": {"lift": 20, "turn_out": 90}}, "left_hip"),
        ({"left_tail": {"bend": 3}}, "left_tail"),
        ({"left_elbow": {"bnd": 3}}, "left_elbow.bnd"),
    ],
)
def test_what_no_human_joint_does_is_refused_by_name(joints: dict[str, Any], joint: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Posture.model_validate(joints)
    assert joint in {".".join(str(part) for part in error["loc"]) for error in caught.value.errors()}


@pytest.mark.parametrize(
    ("hand", "target"),
    [
        ("left_hand", "chin"),
        ("right_hand", "waist"),
        ("left_hand", "left_pocket"),
        ("right_hand", "left_upper_arm"),
    ],
)
def test_a_hand_gets_where_it_is_sent(hand: str, target: str) -> None:
    near = posed(**{hand: {"to": target, "forward": 0.03}}).points[hand.replace("hand", "palm")]
    nearer = posed(**{hand: {"to": target, "forward": 0.04}}).points[hand.replace("hand", "palm")]
    assert nearer[2] - near[2] == pytest.approx(0.01, abs=0.004)


@pytest.mark.parametrize(
    ("joints", "message"),
    [
        ({"left_hand": {"forward": 0.9}}, "left_hand: is 0.90 body heights away"),
        ({"right_hand": {"to": "moon"}}, "right_hand: 'moon' is no landmark"),
        ({"left_foot": {"forward": 0.9}, "body": {"height": 0.4}}, "left_foot: is "),
        ({"right_hand": {"to": "lower_back", "forward": -0.25}}, "right_hand: "),
    ],
)
def test_a_reach_too_far_is_refused_by_name(joints: dict[str, Any], message: str) -> None:
    with pytest.raises(Impossible) as caught:
        posed(**joints)
    assert str(caught.value).startswith(message)


def test_two_hands_cannot_follow_each_other() -> None:
    with pytest.raises(Impossible, match="left_hand: 'right_wrist' is no landmark, or not placed before"):
        posed(left_hand={"to": "right_wrist"}, right_hand={"to": "left_wrist"})


def test_a_limb_is_given_in_one_way_only() -> None:
    with pytest.raises(ValidationError, match="left_hand: give it or left_elbow, not both"):
        Posture.model_validate({"left_hand": {"to": "chin"}, "left_elbow": {"bend": 3}})


def test_both_feet_stand_on_the_floor_however_the_pelvis_tilts() -> None:
    heights = contact_heights(
        posed(body={"side": 8, "turn": 30}, left_foot={"forward": 0.2, "heel": 0.05}).points
    )
    assert heights["left_foot"] == pytest.approx(0, abs=0.002)
    assert heights["right_foot"] == pytest.approx(0, abs=0.002)


def test_a_mirrored_posture_is_the_mirror_image() -> None:
    left = posed(left_shoulder={"lift": 70, "toward": 30, "turn_in": 40}, left_elbow={"bend": 60}).points
    right = posed(right_shoulder={"lift": 70, "toward": 30, "turn_in": 40}, right_elbow={"bend": 60}).points
    np.testing.assert_allclose(left["left_wrist"] * [-1, 1, 1], right["right_wrist"], atol=1e-9)


def test_the_figures_left_is_at_the_pictures_right() -> None:
    front = seen(posed())
    assert known(front["left_shoulder"])[0] > 0.5 > known(front["right_shoulder"])[0]


def test_a_standing_figure_fills_the_frame_with_a_margin() -> None:
    front = seen(posed())
    heights = [point[1] for point in front.values() if point]
    assert min(heights) > 0.1
    assert 0.72 < max(heights) - min(heights) < 0.78  # eyes to ankles; the flesh adds the rest up to 0.86


@pytest.mark.parametrize(
    ("yaw", "hidden"),
    [
        (0, set()),
        (45, {"right_ear"}),
        (-45, {"left_ear"}),
        (90, {"right_eye", "right_ear"}),
        (-90, {"left_eye", "left_ear"}),
        (180, {"nose", "left_eye", "right_eye"}),
    ],
)
def test_what_a_detector_cannot_see_of_the_face_is_hidden(yaw: float, hidden: set[str]) -> None:
    assert {name for name, point in seen(posed(), yaw=yaw).items() if point is None} == hidden


def test_a_wrist_behind_the_back_is_hidden_from_the_front_only() -> None:
    figure = posed(hands={"to": "lower_back", "forward": -0.015})
    assert seen(figure)["left_wrist"] is None
    assert seen(figure, yaw=180)["left_wrist"] is not None


def test_a_pose_like_another_replaces_a_limb_as_a_whole() -> None:
    base = {"left_hand": {"to": "chin"}, "head": {"nod": 5}}
    assert adapted(base, {"elbows": {"bend": 9}}) == {
        "head": {"nod": 5}, "left_elbow": {"bend": 9}, "right_elbow": {"bend": 9},
    }  # fmt: skip
    assert adapted({"elbows": {"bend": 9}}, {"left_hand": {"to": "chin"}}) == {
        "right_elbow": {"bend": 9}, "left_hand": {"to": "chin"},
    }  # fmt: skip
