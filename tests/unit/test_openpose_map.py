"""The maps against real OpenCV drawings (by the hash of their pixels) and against the drawing rule itself."""

import hashlib
import math
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from imaging.openpose import draw_map
from schema.pose import Keypoints

STANDING: Keypoints = (
    (.50, .155), (.50, .235), (.435, .24), (.40, .36), (.385, .47), (.565, .24),
    (.60, .36), (.66, .45), (.46, .49), (.455, .68), (.45, .87), (.54, .49),
    (.55, .68), (.56, .87), (.487, .14), (.513, .14), (.465, .15), (.535, .15),
)  # fmt: skip
REACHING: Keypoints = (
    (.31, .22), (.33, .32), (.25, .33), (.18, .22), (.22, .09), (.41, .31),
    (.55, .27), (.70, .31), (.31, .58), (.16, .70), (.21, .93), (.39, .57),
    (.58, .66), (.79, .81), (.29, .20), (.325, .195), None, (.36, .21),
)  # fmt: skip
GAPS: Keypoints = tuple(None if joint in (0, 3, 13) else point for joint, point in enumerate(STANDING))

JOINT_COLOURS = (
    "ff0000", "ff5500", "ffaa00", "ffff00", "aaff00", "55ff00", "00ff00", "00ff55", "00ffaa",
    "00ffff", "00aaff", "0055ff", "0000ff", "5500ff", "aa00ff", "ff00ff", "ff00aa", "ff0055",
)  # fmt: skip
LIMB_COLOURS = (
    "990000", "993300", "996600", "999900", "669900", "339900", "009900", "009933", "009966",
    "009999", "006699", "003399", "000099", "330099", "660099", "990099", "990066",
)  # fmt: skip
LIMBS = (
    "1-2", "1-5", "2-3", "3-4", "5-6", "6-7", "1-8", "8-9", "9-10",
    "1-11", "11-12", "12-13", "1-0", "0-14", "14-16", "0-15", "15-17",
)  # fmt: skip

# Drawn by controlnet_aux's draw_bodypose on OpenCV 5, stick width 4 a short side of 512.
OPENCV_DRAWINGS = [
    (STANDING, 512, 512, "e21724728496f87862632a5f07b7879303944c80259ebe8aaec97570127f9901"),
    (STANDING, 1024, 1024, "d5cddb8f3875f80496d28915d1aad6628c0558e096ea2c2fbd17d9336381e1f6"),
    (STANDING, 768, 1152, "54de00fbbdc14cc475751304f02a4941de2e0037ece445dbdaecaddc42ee6dac"),
    (REACHING, 512, 512, "5ceb93f45d986654a781a0c3c7e14603fef348ae136c47470ec2522af3c2ef8e"),
    (REACHING, 1024, 1024, "96d0525257d4fa4ddfec4419ad6b2303b19dc7f41649782beb084d8684fb1431"),
    (REACHING, 768, 1152, "d818b005e52e3b7d8fe0bd1ac1254f38161caebf59cb5a4acf0927d00739906f"),
    (GAPS, 512, 512, "6dd1f6945cc9c80ec67cf7975d56bbdcf28be2f339600d77dd62d872300254bb"),
    (GAPS, 1024, 1024, "be07902038d47bd8389ffd9ee035358790fe437ea34b9328bba95fd74afa22f0"),
    (GAPS, 768, 1152, "1e1db46e8a1d93971b1151d78be0d1228367e16cbe5da074f306ac9c587517e4"),
]


def pixels_of(keypoints: Keypoints, width: int, height: int) -> npt.NDArray[np.uint8]:
    with Image.open(BytesIO(draw_map(keypoints, width, height))) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (width, height))
        return np.asarray(image)


def rgb(text: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(text))


@pytest.mark.parametrize(("keypoints", "width", "height", "sha256"), OPENCV_DRAWINGS)
def test_every_pixel_is_opencvs(keypoints: Keypoints, width: int, height: int, sha256: str) -> None:
    assert hashlib.sha256(pixels_of(keypoints, width, height).tobytes()).hexdigest() == sha256


@pytest.mark.parametrize("keypoints", [STANDING, REACHING, GAPS])
@pytest.mark.parametrize(("width", "height", "radius"), [(512, 512, 4), (1024, 1024, 8), (768, 1152, 6)])
def test_every_pixel_follows_the_rule(keypoints: Keypoints, width: int, height: int, radius: int) -> None:
    """Painted again from the rule; the one-pixel rims of limbs, which rounding decides, are left out."""
    rows, columns = np.mgrid[:height, :width]
    expected = np.zeros((height, width, 3), np.uint8)
    rim = np.zeros((height, width), bool)
    places = [point and (point[0] * width, point[1] * height) for point in keypoints]
    for limb, colour in zip(LIMBS, LIMB_COLOURS, strict=True):
        start, end = (places[int(joint)] for joint in limb.split("-"))
        if start is None or end is None:
            continue
        along = np.array(end) - start
        half = int(math.hypot(*along) / 2)
        turn = math.radians(int(math.degrees(math.atan2(-along[1], -along[0]))))
        x, y = columns - int((start[0] + end[0]) / 2), rows - int((start[1] + end[1]) / 2)
        u, v = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
        inner = (u / (half - 2)) ** 2 + (v / (radius - 1)) ** 2 <= 1
        outer = (u / (half + 2)) ** 2 + (v / (radius + 1.5)) ** 2 <= 1
        expected[inner] = rgb(colour)
        rim = (rim & ~inner) | (outer & ~inner)
    for place, colour in zip(places, JOINT_COLOURS, strict=True):
        if place is not None:
            disc = (columns - int(place[0])) ** 2 + (rows - int(place[1])) ** 2 <= radius**2
            expected[disc] = rgb(colour)
            rim &= ~disc
    wrong = (pixels_of(keypoints, width, height) != expected).any(axis=2) & ~rim
    assert not wrong.any(), f"{wrong.sum()} pixels, first at {np.argwhere(wrong)[0][::-1]}"
    assert rim.mean() < 0.02


def test_each_joint_has_its_colour() -> None:
    apart: Keypoints = tuple((0.1 + 0.15 * (i % 6), 0.2 + 0.25 * (i // 6)) for i in range(18))
    drawn = pixels_of(apart, 512, 512)
    for (x, y), colour in zip((p for p in apart if p), JOINT_COLOURS, strict=True):
        assert tuple(drawn[int(y * 512), int(x * 512)]) == rgb(colour)


@pytest.mark.parametrize("missing", range(18))
def test_a_missing_joint_takes_its_limbs_along(missing: int) -> None:
    apart: Keypoints = tuple((0.1 + 0.15 * (i % 6), 0.2 + 0.25 * (i // 6)) for i in range(18))
    colours = {
        tuple(colour)
        for colour in pixels_of((*apart[:missing], None, *apart[missing + 1 :]), 512, 512).reshape(-1, 3)
    }
    gone = {rgb(c) for limb, c in zip(LIMBS, LIMB_COLOURS, strict=True) if str(missing) in limb.split("-")}
    gone.add(rgb(JOINT_COLOURS[missing]))
    everything = {rgb(colour) for colour in (*JOINT_COLOURS, *LIMB_COLOURS)}
    assert colours == (everything - gone) | {(0, 0, 0)}


def test_nothing_seen_is_a_black_map() -> None:
    assert not pixels_of((None,) * 18, 320, 256).any()


def test_joints_on_and_past_the_frame_are_cut_off() -> None:
    corners: Keypoints = ((0.0, 0.0), (1.0, 1.0), (1.2, 0.5), (-0.2, 0.5), *((None,) * 14))
    drawn = pixels_of(corners, 256, 256)
    assert tuple(drawn[0, 0]) == rgb("ff0000")
    assert tuple(drawn[255, 255]) == rgb("ff5500")


def test_the_bytes_never_change() -> None:
    """Maps are kept under their hash: another drawing or PNG setting would make them all anew."""
    png = draw_map(STANDING, 512, 512)
    assert (
        hashlib.sha256(png).hexdigest() == "c02b0da057c993b2941fb5d1fc2ecc0bbf36f084de051e6baadc219d703dc027"
    )
    assert png == draw_map(STANDING, 512, 512)
    assert len(draw_map(STANDING, 1024, 1024)) < 20_000
