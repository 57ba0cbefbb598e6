"""Figures cut out in every way there is, measured against the outlines that they were drawn with."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging.library import load
from imaging.matting import given as matted
from imaging.matting.cut import cut_out
from imaging.matting.onto import onto_colour, onto_picture
from imaging.matting.saliency import share
from schema.errors import BadImage
from schema.pose import JOINTS, Keypoints
from tests.dressed import Colour, Scene, overlap, scene

SIDE = 512
MANY = 30
EMPTY: Keypoints = (None,) * len(JOINTS)


def test_thirty_poses_in_five_outfits_are_cut_out_by_their_skeletons_and_nearly_as_well_without() -> None:
    scenes = (scene(number, SIDE) for number in range(MANY))
    found = [
        (overlap(cut_out(one.picture, one.keypoints), one), overlap(cut_out(one.picture), one))
        for one in scenes
    ]
    known, unknown = zip(*found, strict=True)
    assert np.mean(known) > 0.985
    assert min(known) > 0.95
    assert np.mean(unknown) > 0.97
    assert min(unknown) > 0.8


def _told(one: Scene) -> Image.Image:
    """What a service answers that finds every outline, and leaves the colours as they are."""
    answer = one.picture.copy()
    answer.putalpha(Image.fromarray(np.rint(255 * one.share).astype(np.uint8)))
    sent = BytesIO()
    answer.save(sent, "PNG")
    return matted.kept(matted.share_of(sent.getvalue(), one.picture.size))


def _netted(one: Scene) -> Image.Image:
    """What comes of the small map of a net that is right."""
    small = Image.fromarray(one.share).resize((320, 320), Image.Resampling.BOX)
    return share(one.picture, np.asarray(small, np.float32))


WAYS: dict[str, Callable[[Scene], Image.Image]] = {
    "embedded": lambda one: cut_out(one.picture, one.keypoints),
    "provider": _told,
    "model": _netted,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_keeps_the_soft_edges_that_were_drawn(way: str) -> None:
    """A hard cut, right everywhere else, is off by a quarter of a pixel along the edge."""
    errors = []
    for number in range(3):
        one = scene(number, SIDE)
        cut = WAYS[way](one)
        found = np.asarray(cut, np.float32) / 255
        edge = (one.share > 0.02) & (one.share < 0.98)
        errors.append(np.abs(found - one.share)[edge].mean())
        assert overlap(cut, one) > 0.97
    assert np.mean(errors) < 0.15


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("paper", [(30, 170, 60), (200, 30, 160)])
def test_no_halo_of_a_strongly_coloured_backdrop(number: int, paper: Colour, way: str) -> None:
    """Along the edge nothing of the paper's hue is left, where a cut that keeps the pixels shows it."""
    one = scene(number, 1024, paper)
    share = WAYS[way](one)
    for ground in ("#ffffff", "#000000"):
        kept = Image.composite(one.picture, Image.new("RGB", one.picture.size, ground), share)
        ours, careless = (
            _tint(made, one, paper, ground) for made in (onto_colour(one.picture, share, ground), kept)
        )
        assert abs(ours) < 6
        assert careless > 11


def _tint(made: Image.Image, one: Scene, paper: Colour, ground: str) -> float:
    """How many levels too much of the paper's hue the pixels have that the figure covers in part."""
    behind = np.asarray(Image.new("RGB", one.picture.size, ground), np.float32)
    wanted = behind + (one.colours * 255 - behind) * one.share[..., None]
    hue = np.array(paper) - np.mean(paper)
    edge = (one.share > 0.02) & (one.share < 0.98)
    return float(((np.asarray(made, np.float32) - wanted) @ (hue / np.linalg.norm(hue)))[edge].mean())


def test_light_seen_between_arm_and_body_is_backdrop() -> None:
    akimbo = next(pose for pose in load().poses if pose.slug == "confident-power-stance").keypoints
    one = scene(1, SIDE, pose=akimbo)
    beside = (np.asarray(cut_out(one.picture, akimbo)) > 127) & (one.share < 0.01)
    assert beside.mean() < 0.0005


def test_the_same_picture_gives_the_same_cut() -> None:
    one = scene(3, 256)
    assert cut_out(one.picture, one.keypoints).tobytes() == cut_out(one.picture, one.keypoints).tobytes()


def test_a_skeleton_that_is_elsewhere_is_not_believed() -> None:
    """As when a provider that reads only words puts the figure where it likes."""
    one = scene(6, SIDE)
    shifted = one.picture.transform(
        one.picture.size,
        Image.Transform.AFFINE,
        (2, 0, 0, 0, 2, -SIDE),
        fillcolor=one.picture.getpixel((4, 4)),
    )
    aside: Keypoints = tuple((0.9, 0.02 + 0.4 * n / 18) for n in range(18))
    assert np.array_equal(np.asarray(cut_out(shifted, aside)), np.asarray(cut_out(shifted)))


def test_where_there_is_no_figure_it_is_said() -> None:
    for picture in (Image.new("RGB", (200, 300), "white"), Image.linear_gradient("L").convert("RGB")):
        with pytest.raises(BadImage, match="no figure"):
            cut_out(picture)


@given(
    joints=st.lists(
        st.none() | st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)),
        min_size=len(JOINTS),
        max_size=len(JOINTS),
    ),
    size=st.tuples(st.integers(8, 90), st.integers(8, 90)),
    seed=st.integers(0, 3),
)
@settings(max_examples=80, deadline=None)
def test_any_picture_with_any_skeleton_is_cut_or_refused(
    joints: list[tuple[float, float] | None], size: tuple[int, int], seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    for picture in (Image.fromarray(noise), Image.new("RGB", size, "grey")):
        try:
            share = cut_out(picture, tuple(joints))
        except BadImage:
            continue
        assert (share.size, share.mode) == (size, "L")


def test_a_colour_is_exactly_that_colour() -> None:
    one = scene(1, SIDE)
    made = np.asarray(onto_colour(one.picture, cut_out(one.picture, one.keypoints), "#FE0102"))
    far = one.share == 0
    assert (made[far] == (254, 1, 2)).all(axis=1).mean() > 0.99
    assert (made[0, 0] == (254, 1, 2)).all()


@pytest.mark.parametrize("size", [(300, 900), (900, 300), (40, 40)])
def test_a_picture_fills_the_frame_and_the_figure_stands_in_it(size: tuple[int, int]) -> None:
    one = scene(1, SIDE)
    ground = Image.new("RGB", size, (90, 120, 200))
    made = np.asarray(onto_picture(one.picture, cut_out(one.picture, one.keypoints), ground)).astype(int)
    assert made.shape == (SIDE, SIDE, 3)
    assert (made[0, 0] == (90, 120, 200)).all()
    lowest = int(np.flatnonzero(one.share.max(axis=1) > 0.5)[-1])
    floor = made[lowest - 8 : lowest + 8][one.share[lowest - 8 : lowest + 8] == 0]
    assert floor.mean(axis=1).min() < 0.8 * np.mean((90, 120, 200)), "it casts a shadow where it stands"


def test_a_picture_of_another_size_needs_no_other_settings() -> None:
    for side in (256, 1536):
        one = scene(8, side)
        assert overlap(cut_out(one.picture, one.keypoints), one) > 0.97
