"""The shipped library is sound, and a wrong file is refused with the pose and the joint that are wrong."""

from collections import Counter

import pytest
from pydantic import ValidationError

from imaging.library import Library, LibraryError, LibraryPose, load, read
from imaging.outline import distances, outlines

CATEGORIES = "- {slug: standing, name: Standing, children: [{slug: arms, name: Arms}]}"
LEAST_DISTANCE = 0.03
"""Of one pose from any other: the mean distance of their joints, in sizes of the figure."""


def one(pose: str, **more: str) -> Library:
    entry = {
        "slug": "test-pose", "name": "Test pose", "category": "arms", "tags": "[a, b]",
        "description": "a figure that only stands here for the test", "pose": pose, **more,
    }  # fmt: skip
    lines = "\n  ".join(f"{name}: {value}" for name, value in entry.items())
    return read({"categories.yaml": CATEGORIES, "test.yaml": f"- {lines}\n"})


def test_the_shipped_library_loads() -> None:
    library = load()
    assert len(library.poses) >= 70
    assert load() is library


def test_every_category_without_children_has_poses_and_none_is_unknown() -> None:
    library = load()
    slugs = [category.slug for category in library.categories]
    parents = {category.parent for category in library.categories if category.parent}
    assert len(set(slugs)) == len(slugs) >= 28
    assert parents <= set(slugs)
    assert {pose.category for pose in library.poses} == set(slugs) - parents


def test_ids_and_names_are_one_of_a_kind() -> None:
    poses = load().poses
    for field in ("id", "slug", "name", "description"):
        assert Counter(getattr(pose, field) for pose in poses).most_common(1)[0][1] == 1, field
    assert all(pose.id == "pose_" + pose.slug.replace("-", "_") for pose in poses)
    assert "id" in poses[0].model_dump()


@pytest.mark.parametrize("pose", load().poses, ids=lambda pose: pose.slug)
def test_every_joint_is_in_the_frame(pose: LibraryPose) -> None:
    points = [point for point in pose.keypoints if point]
    assert len(points) >= 12
    assert all(0.03 <= value <= 0.97 for point in points for value in point)


def test_no_two_poses_are_the_same_not_even_mirrored() -> None:
    poses = load().poses
    shapes = outlines([pose.keypoints for pose in poses])
    for place, pose in enumerate(poses[:-1]):
        apart = distances(shapes[place], shapes[place + 1 :])
        nearest = poses[place + 1 + int(apart.argmin())]
        assert apart.min() > LEAST_DISTANCE, f"{pose.slug} and {nearest.slug} are {apart.min():.3f} apart"


@pytest.mark.parametrize(
    ("pose", "message"),
    [
        ("{left_elbow: {bend: 175}}", "test-pose: pose.left_elbow.bend: "),
        ("{left_elbw: {bend: 5}}", "test-pose: pose.left_elbw: "),
        ("{right_hip: {lift: 90, toward: 180}}", "test-pose: pose.right_hip: "),
        ("{right_hand: {to: ceiling}}", "test-pose: right_hand: 'ceiling' is no landmark"),
        ("{left_hand: {forward: 0.8}}", "test-pose: left_hand: is 0.80 body heights away"),
        ("{left_hip: {lift: 60}, left_knee: {bend: 90}}", "test-pose: left_foot: should rest on the floor"),
        ("{stands_on: [seat]}", "test-pose: seat: should rest on the floor"),
        (
            "{left_hand: {to: navel, forward: -0.09}}",
            "test-pose: left_elbow: the forearm goes through the body",
        ),
        (
            "{left_foot: {out: -0.04}, right_foot: {out: -0.02}}",
            "test-pose: left_knee: the shank goes through the right shank",
        ),
        (
            "{left_hand: {to: right_forearm, forward: -0.03}, right_hand: {to: belly}}",
            "test-pose: right_elbow: the forearm goes through the left hand",
        ),
        ("{left_hand: {to: crown, up: -0.1}}", "test-pose: left_elbow: the hand goes through the head"),
        ("{camera: 5}", "test-pose: pose.camera: "),
    ],
)
def test_a_wrong_pose_is_refused_by_pose_and_joint(pose: str, message: str) -> None:
    slug, fault = message.split(": ", 1)
    with pytest.raises(LibraryError, match=f"^{slug}: ") as caught:
        one(pose)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("difficulty", "easy"),
        ("category", "nowhere"),
        ("tags", "[]"),
        ("name", "''"),
        ("colour", "red"),
        ("like", "none"),
    ],
)
def test_wrong_words_are_refused_by_pose_and_field(field: str, value: str) -> None:
    with pytest.raises(LibraryError, match=f"^test-pose: {field}"):
        one("{}", **{field: value})


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"a.yaml": "- {slug: x}\n- {slug: x}"}, "x: this pose is there twice"),
        ({"a.yaml": "- {name: x}"}, "a.yaml: an entry without a slug"),
        ({"a.yaml": "slug: x"}, "a.yaml: should be a list"),
        ({"a.yaml": "- [: x"}, "a.yaml: while parsing"),
        (
            {"categories.yaml": "- {slug: x, name: Xx}\n- {slug: x, name: Xx}"},
            "x: this category is there twice",
        ),
        ({"categories.yaml": "- {slug: X x, name: Xx}"}, "X x: slug: String should match"),
    ],
)
def test_wrong_files_are_refused(texts: dict[str, str], message: str) -> None:
    with pytest.raises(LibraryError) as caught:
        read({"categories.yaml": CATEGORIES} | texts)
    assert str(caught.value).startswith(message)


def test_a_pose_is_frozen() -> None:
    with pytest.raises(ValidationError):
        load().poses[0].name = "Other"  # type: ignore[misc] # that it cannot be set is what is tested
