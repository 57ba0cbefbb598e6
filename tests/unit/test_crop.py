"""Windows: right shape, inside the picture wherever the figure fits, and never through the figure."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging.crop import HEAD, Box, Framing, Size, figure_box, window
from imaging.extend import paint
from imaging.formats import FORMATS
from schema.pose import JOINTS, Keypoints, Point

STANDING: Keypoints = (
    (.50, .155), (.50, .235), (.435, .24), (.40, .36), (.385, .47), (.565, .24),
    (.60, .36), (.66, .45), (.46, .49), (.455, .68), (.45, .87), (.54, .49),
    (.55, .68), (.56, .87), (.487, .14), (.513, .14), (.465, .15), (.535, .15),
)  # fmt: skip
TARGETS = sorted({(f.width, f.height) for f in FORMATS.values() if f.width and f.height})
SQUARE = (1024, 1024)

sizes = st.tuples(st.integers(256, 2048), st.integers(256, 2048))
targets = st.sampled_from(TARGETS) | st.tuples(st.integers(100, 4000), st.integers(100, 4000))
points = st.tuples(st.floats(0, 1), st.floats(0, 1))
poses = st.lists(st.none() | points, min_size=18, max_size=18).map(tuple)


def moved(keypoints: Keypoints, *, by: Point = (0, 0), scale: float = 1) -> Keypoints:
    return tuple(
        point and (0.5 + (point[0] - 0.5) * scale + by[0], 0.5 + (point[1] - 0.5) * scale + by[1])
        for point in keypoints
    )


def inside(box: Box, size: Size) -> bool:
    slack = 1e-6
    return (
        box.left >= -slack
        and box.top >= -slack
        and box.right <= size[0] + slack
        and box.bottom <= size[1] + slack
    )


@settings(deadline=None)
@given(size=sizes, target=targets, pose=st.none() | poses)
def test_every_window_keeps_every_joint(size: Size, target: Size, pose: Keypoints | None) -> None:
    box, figure = window(size, target, pose)
    width, height = box.right - box.left, box.bottom - box.top
    assert math.isclose(width / height, target[0] / target[1], rel_tol=1e-9)
    assert inside(figure, size)
    for x, y in (point for point in pose or () if point):
        assert figure.left - 1e-6 <= x * size[0] <= figure.right + 1e-6
        assert box.left - 1e-6 <= x * size[0] <= box.right + 1e-6
        assert figure.top - 1e-6 <= y * size[1] <= figure.bottom + 1e-6
        assert box.top - 1e-6 <= y * size[1] <= box.bottom + 1e-6


@settings(deadline=None)
@given(size=sizes, target=targets, pose=st.none() | poses)
def test_a_window_leaves_the_picture_only_for_the_figure(
    size: Size, target: Size, pose: Keypoints | None
) -> None:
    box, figure = window(size, target, pose)
    width, height = box.right - box.left, box.bottom - box.top
    cover = min(size[0] / target[0], size[1] / target[1])
    if inside(box, size):
        assert math.isclose(width / target[0], cover, rel_tol=1e-9)
    else:  # as little as can be: the figure spans the window, and the other way no picture is lost
        tight = [(figure.right - figure.left) / width, (figure.bottom - figure.top) / height]
        assert math.isclose(max(tight), 1, rel_tol=1e-9)
        wide = tight[1] > tight[0]
        lost = max(box.left, size[0] - box.right) if wide else max(box.top, size[1] - box.bottom)
        assert lost <= 1e-6


@settings(deadline=None)
@given(size=sizes, target=targets)
def test_without_keypoints_the_window_is_the_centre(size: Size, target: Size) -> None:
    box = window(size, target).box
    assert inside(box, size)
    assert math.isclose(box.left + box.right, size[0], abs_tol=1e-6)
    assert math.isclose(box.top + box.bottom, size[1], abs_tol=1e-6)
    assert window(size, target, (None,) * 18).box == box


@settings(deadline=None)
@given(shift=st.floats(-0.3, 0.3))
def test_the_window_follows_the_figure_to_the_edge(shift: float) -> None:
    box, figure = window(SQUARE, (1080, 1920), moved(STANDING, by=(shift, 0)))
    centred = (figure.left + figure.right) / 2 - 288
    assert box == pytest.approx((min(max(centred, 0), 448), 0, min(max(centred, 0), 448) + 576, 1024))


def test_a_standing_figure_is_fitted_into_a_wide_format() -> None:
    box, figure = window(SQUARE, (1200, 630), STANDING)
    assert (box.top, box.bottom) == pytest.approx((figure.top, figure.bottom))
    assert box.left < 0
    assert box.right > 1024
    assert box.left + box.right == pytest.approx(figure.left + figure.right)


def test_a_small_figure_is_cropped_to_without_leaving_the_picture() -> None:
    box, figure = window(SQUARE, (1200, 630), moved(STANDING, scale=0.4, by=(0, 0.2)))
    assert inside(box, SQUARE)
    assert box.right - box.left == pytest.approx(1024)
    assert box.top + box.bottom == pytest.approx(figure.top + figure.bottom)


def test_room_for_hair_hands_and_feet() -> None:
    small = moved(STANDING, scale=0.5)
    joints = dict(zip(JOINTS, small, strict=True))
    box = figure_box(small, SQUARE)
    assert box is not None
    nose, ankle, wrist = joints["nose"], joints["left_ankle"], joints["left_wrist"]
    assert nose is not None
    assert ankle is not None
    assert wrist is not None
    height = (ankle[1] - nose[1]) * 1024 / 0.82  # of the whole figure, by the proportions of an adult
    assert 0.09 < (nose[1] * 1024 - box.top) / height < 0.2
    assert 0.04 < (box.bottom - ankle[1] * 1024) / height < 0.15
    assert 0.08 < (box.right - wrist[0] * 1024) / height < 0.15


def test_a_head_turned_away_is_kept_too() -> None:
    small = moved(STANDING, scale=0.5)
    faceless = tuple(None if name in HEAD else point for name, point in zip(JOINTS, small, strict=True))
    with_face, without = figure_box(small, SQUARE), figure_box(faceless, SQUARE)
    assert with_face is not None
    assert without is not None
    assert abs(with_face.top - without.top) < 25


def test_a_single_joint_is_a_figure_too() -> None:
    alone: Keypoints = ((0.5, 0.5), *((None,) * 17))
    box = figure_box(alone, SQUARE)
    assert box is not None
    assert box.right - box.left > 100
    assert figure_box((None,) * 18, SQUARE) is None


def test_painting_puts_every_pixel_where_the_window_says() -> None:
    ramp = np.zeros((256, 256, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = np.arange(256)[None, :], np.arange(256)[:, None]
    framing = Framing(Box(64, 0, 192, 256), Box(100, 0, 150, 256))
    painted = paint(Image.fromarray(ramp), framing, (256, 512)).astype(int)
    assert painted.shape == (512, 256, 3)
    assert np.abs(painted[256, :, 0] - (64 + np.arange(256) / 2)).max() <= 1
    assert np.abs(painted[:, 128, 1] - np.arange(512) / 2).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    ("framing", "size"),
    [
        (Framing(Box(-100, 20, 300, 180), Box(60, 20, 140, 180)), (400, 160)),
        (Framing(Box(20, -100, 180, 300), Box(20, 60, 180, 140)), (160, 400)),
    ],
)
def test_past_the_edges_the_backdrop_goes_on(mode: str, framing: Framing, size: Size) -> None:
    picture = Image.new("RGB", (200, 200), (120, 140, 160))
    picture.paste((250, 0, 0), tuple(int(edge) for edge in framing.figure))  # type: ignore[arg-type]  # four ints
    painted = paint(picture.convert(mode), framing, size)
    assert painted.shape == (*size[::-1], len(mode))
    colours = painted.astype(int)
    across = 100 + np.array([60, 140])
    outside = np.ones(size[::-1], bool)
    if size[0] > size[1]:
        outside[:, across[0] - 3 : across[1] + 3] = False
    else:
        outside[across[0] - 3 : across[1] + 3] = False
    assert np.abs(colours[outside][:, :3] - (120, 140, 160)).max() <= 7
    assert colours[size[1] // 2, size[0] // 2][:3].tolist() == [250, 0, 0]
    assert mode == "RGB" or colours[..., 3].min() == 255


def test_the_seam_cannot_be_seen_and_nothing_of_the_figure_comes_twice() -> None:
    noise = np.random.default_rng(5).integers(0, 90, (200, 200, 3), dtype=np.uint8)
    noise[20:180, 3:197, 0] = 255  # the figure reaches almost from side to side
    framing = Framing(Box(-100, 20, 300, 180), Box(3, 20, 197, 180))
    painted = paint(Image.fromarray(noise), framing, (400, 160)).astype(int)
    assert np.abs(painted[:, 99] - painted[:, 100]).max() <= 8
    assert np.abs(painted[:, 299] - painted[:, 300]).max() <= 8
    assert painted[:, :95, 0].max() < 120
    assert painted[:, 305:, 0].max() < 120
