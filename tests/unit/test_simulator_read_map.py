"""Maps are read back as they were drawn: at any size, in lossy formats, with joints left out."""

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from imaging.openpose import draw_map
from schema.pose import JOINTS, Keypoints
from simulator.read_map import read_map
from simulator.stock_poses import POSES, choose

SIZES = ((256, 256), (384, 512), (512, 512), (768, 1024), (1024, 576), (2048, 1536))


def lossy(png: bytes, **how: int) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).save(buffer, "JPEG", **how)
    return buffer.getvalue()


def assert_read(data: bytes, keypoints: Keypoints, size: tuple[int, int], off_by: float) -> None:
    """`off_by` in pixels of a map whose short side is 512."""
    found = read_map(data)
    assert found is not None
    assert [point is None for point in found] == [point is None for point in keypoints]
    scale = np.array(size) * 512 / min(size)
    for joint, (got, drawn) in enumerate(zip(found, keypoints, strict=True)):
        if got and drawn:
            assert np.abs((np.array(got) - drawn) * scale).max() <= off_by, JOINTS[joint]


@pytest.mark.parametrize(("pose", "size"), [*product(POSES, SIZES)])
def test_every_joint_is_found_at_any_size(pose: str, size: tuple[int, int]) -> None:
    assert_read(draw_map(POSES[pose], *size), POSES[pose], size, off_by=1.05)


@pytest.mark.parametrize(("pose", "quality"), [*product(POSES, (95, 75))])
def test_lossy_maps_are_read_too(pose: str, quality: int) -> None:
    for size in ((512, 512), (1024, 768)):
        data = lossy(draw_map(POSES[pose], *size), quality=quality)
        assert_read(data, POSES[pose], size, off_by=2)


@pytest.mark.parametrize("joint", range(len(JOINTS)), ids=JOINTS)
def test_a_joint_that_is_not_there_stays_away(joint: int) -> None:
    keypoints = tuple(None if i == joint else point for i, point in enumerate(POSES["wav"]))
    assert_read(draw_map(keypoints, 512, 512), keypoints, (512, 512), off_by=1)
    assert_read(lossy(draw_map(keypoints, 512, 512), quality=95), keypoints, (512, 512), off_by=1)


def test_a_resized_map_is_still_read() -> None:
    small = Image.open(io.BytesIO(draw_map(POSES["sit"], 512, 512)))
    buffer = io.BytesIO()
    small.resize((896, 896), Image.Resampling.BICUBIC).save(buffer, "WEBP", quality=85)
    assert_read(buffer.getvalue(), POSES["sit"], (896, 896), off_by=1.5)


def test_a_half_covered_joint_is_found_near_its_place() -> None:
    wrists_crossed = list(POSES["stand"])
    wrists_crossed[4], wrists_crossed[7] = (0.5, 0.4), (0.508, 0.4)
    assert_read(draw_map(tuple(wrists_crossed), 512, 512), tuple(wrists_crossed), (512, 512), off_by=4)


def picture(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_pictures_without_a_pose_are_told_from_maps() -> None:
    assert read_map(picture(np.zeros((512, 512, 3), np.uint8))) is None
    assert read_map(picture(np.full((512, 512, 3), 255, np.uint8))) is None
    assert read_map(picture(np.full((600, 600, 3), (255, 0, 0), np.uint8))) is None


@pytest.mark.parametrize("data", [b"", b"no picture", draw_map(POSES["wav"], 512, 512)[:400]])
def test_what_is_no_picture_is_an_error(data: bytes) -> None:
    with pytest.raises(OSError, match=r"cannot identify|truncated"):
        read_map(data)


def test_prompts_name_a_pose_or_get_one_of_their_own() -> None:
    assert choose("a woman Sitting on a chair") == POSES["sit"]
    assert choose("hands on hips") == POSES["hip"]
    assert choose("in a batik shirt") == choose("in a batik shirt")
    assert len({choose(f"number {n}") for n in range(60)}) == len(POSES)
