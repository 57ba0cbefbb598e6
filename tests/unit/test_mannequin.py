"""The mannequin stands where the keypoints are, in another studio for each seed, and never fails."""

import hashlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging.library import LibraryPose, load
from imaging.mannequin import _sculpted, draw
from imaging.sitter import sitter
from imaging.studio import backdrop, developed, studio
from schema.pose import JOINTS, Keypoints

EMPTY: Keypoints = (None,) * len(JOINTS)
SIZE = 320


def pixels(
    keypoints: Keypoints, seed: int = 0, width: int = SIZE, height: int = SIZE
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(draw(keypoints, width, height, seed=seed), dtype=np.float64)


def digest(keypoints: Keypoints, seed: int) -> str:
    return hashlib.sha256(draw(keypoints, SIZE, SIZE, seed=seed).tobytes()).hexdigest()


def test_the_same_input_gives_the_same_bytes_and_another_seed_another_picture() -> None:
    pose = load().poses[0].keypoints
    assert digest(pose, 7) == digest(pose, 7)
    assert len({digest(pose, seed) for seed in range(6)}) == 6


def test_studios_look_different() -> None:
    colours = {tuple((pixels(EMPTY, seed)[:40].mean(axis=(0, 1)) // 8).astype(int)) for seed in range(20)}
    assert len(colours) >= 8


@pytest.mark.parametrize("pose", load().poses, ids=lambda pose: pose.slug)
def test_the_figure_is_on_every_joint_that_is_seen(pose: LibraryPose) -> None:
    who = sitter(pose.keypoints, SIZE, SIZE)
    assert who
    cover = _sculpted(who, SIZE, SIZE).cover
    for name, point in zip(JOINTS, pose.keypoints, strict=True):
        if point:
            x, y = int(point[0] * SIZE), int(point[1] * SIZE)
            assert cover[y - 1 : y + 2, x - 1 : x + 2].max() > 0.5, name


@pytest.mark.parametrize("seed", range(24))
def test_the_figure_stands_out_from_every_backdrop(seed: int) -> None:
    pose = load().poses[0].keypoints
    who = sitter(pose, SIZE, SIZE)
    assert who
    figure = _sculpted(who, SIZE, SIZE).cover > 0.9
    floor = float(np.flatnonzero(figure.any(axis=1))[-1])
    empty = np.asarray(developed(backdrop(studio(seed), seed, SIZE, SIZE, floor), seed), dtype=np.float64)
    assert np.median(np.abs(pixels(pose, seed) - empty).max(axis=2)[figure]) > 20


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_is_as_large_as_a_real_one(seed: int) -> None:
    out = BytesIO()
    draw(load().poses[seed].keypoints, 1024, 1024, seed=seed).save(out, "PNG")
    assert 700_000 < len(out.getvalue()) < 1_500_000


@given(
    joints=st.lists(
        st.none() | st.tuples(st.floats(-0.4, 1.4), st.floats(-0.4, 1.4)),
        min_size=len(JOINTS),
        max_size=len(JOINTS),
    ),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_any_keypoints_give_a_picture(joints: list[tuple[float, float] | None], seed: int) -> None:
    image = draw(tuple(joints), 96, 128, seed=seed)
    assert (image.size, image.mode) == ((96, 128), "RGB")
    assert np.asarray(image).std() > 0.5


@pytest.mark.parametrize("missing", JOINTS)
def test_one_missing_joint_leaves_the_rest_in_place(missing: str) -> None:
    whole = load().poses[0].keypoints
    partial = tuple(None if name == missing else point for name, point in zip(JOINTS, whole, strict=True))
    apart = np.abs(pixels(whole) - pixels(partial)).max(axis=2) > 24
    assert apart.mean() < 0.06


def test_without_a_figure_the_studio_is_empty() -> None:
    image = draw(EMPTY, 200, 100, seed=1)
    assert isinstance(image, Image.Image)
    assert image.size == (200, 100)
    assert np.abs(np.diff(np.asarray(image, dtype=np.float64).mean(axis=(1, 2)))).max() < 8
