"""Skeletons in words: what the library's own descriptions say is said of their skeletons too."""

import pytest

from imaging import library
from imaging.pose_words import words
from schema.pose import JOINTS, Keypoints
from simulator.stock_poses import POSES


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("standing-neutral", "facing the camera, both arms hanging down"),
        ("hands-on-hips", "facing the camera, both arms bent with the hand on the hip"),
        ("arms-crossed", "facing the camera, both arms bent across the body"),
        ("kneeling-arms-raised", "both arms raised above the head, both knees bent"),
        ("arms-wide-open", "both arms stretched out"),
        ("views-back-arms-away", "seen from behind"),
        ("product-carried-at-side-profile", "seen from the side, both arms hanging down"),
        ("yoga-warrior-two", "both arms stretched out, left knee bent, legs wide apart"),
        ("travel-map-pointing", "right arm stretched out, left arm bent across the body"),
    ],
)
def test_what_is_plain_to_see_is_said(slug: str, said: str) -> None:
    assert said in words(library.drafts().built(slug).keypoints)


def test_left_and_right_are_the_subjects() -> None:
    waving = words(POSES["wav"])
    assert "right arm raised" in waving
    assert "left arm hanging down" in waving


def without(points: Keypoints, *names: str) -> Keypoints:
    return tuple(None if joint in names else point for joint, point in zip(JOINTS, points, strict=True))


def test_a_limb_out_of_sight_silences_only_its_own_kind() -> None:
    said = words(without(POSES["sit"], "right_ankle"))
    assert "arm" in said
    assert "knee" not in said
    assert words(without(POSES["stand"], "nose")).startswith("seen from behind")


@pytest.mark.parametrize("joint", ["neck", "right_hip", "left_hip"])
def test_without_a_trunk_nothing_is_said(joint: str) -> None:
    assert words(without(POSES["stand"], joint)) == ""


def test_a_figure_without_a_size_is_borne() -> None:
    assert words(((0.5, 0.5),) * len(JOINTS)) == ""


def test_every_library_pose_can_be_worded() -> None:
    told = [words(pose.keypoints) for pose in library.load().poses]
    assert sum(map(bool, told)) > 0.97 * len(told)
