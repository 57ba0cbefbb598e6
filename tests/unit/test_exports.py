"""Each export has its exact size, file and quality, shows the whole figure and carries no metadata."""

import hashlib
import threading
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, PngImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from imaging.exports import Encoded, encode_all, thumbnail
from imaging.formats import ALIASES, FORMATS, USE_CASES, ExportFormat, resolve
from schema.errors import BadImage, PoseError, ValidationFailed
from schema.pose import JOINTS, Keypoints

SPECIFIED = {
    **dict.fromkeys(
        ("instagram_story", "instagram_reel", "tiktok", "whatsapp_status"), (1080, 1920, "JPEG", 90)
    ),
    "instagram_feed": (1080, 1080, "JPEG", 85),
    "instagram_portrait": (1080, 1350, "JPEG", 85),
    "facebook_post": (1200, 630, "JPEG", 85),
    "twitter_post": (1200, 675, "JPEG", 85),
    "linkedin_post": (1200, 627, "JPEG", 85),
    "pinterest_pin": (1000, 1500, "JPEG", 85),
    "shopee_product": (1000, 1000, "JPEG", 95),
    "tokopedia_product": (1200, 1200, "JPEG", 95),
    "lazada_product": (1000, 1000, "JPEG", 95),
    "print_a4": (2480, 3508, "PNG", 0),
    "print_4x6": (1800, 1200, "PNG", 0),
    "print_letter": (2550, 3300, "PNG", 0),
    "print_tabloid": (3300, 5100, "PNG", 0),
    "original": (1024, 1024, "PNG", 0),
    "web": (1024, 1024, "WEBP", 82),
}
HEAD, FEET, BACKDROP = (255, 0, 0), (0, 0, 255), (200, 205, 210)


def figure(x: float) -> Keypoints:
    """Standing, 0.9 of the picture high, at a place across it."""
    at = {
        "nose": (x, 0.13), "neck": (x, 0.22), "right_hip": (x - 0.04, 0.5), "left_hip": (x + 0.04, 0.5),
        "right_knee": (x - 0.04, 0.7), "left_knee": (x + 0.04, 0.7),
        "right_ankle": (x - 0.04, 0.9), "left_ankle": (x + 0.04, 0.9),
    }  # fmt: skip
    return tuple(at.get(name) for name in JOINTS)


def picture(x: float, size: tuple[int, int] = (1024, 1024)) -> Image.Image:
    """A red bar for the top of the head and a blue one for the soles, where the figure has them."""
    image = Image.new("RGB", size, BACKDROP)
    draw, (width, height) = ImageDraw.Draw(image), size
    for top, bottom, colour in ((0.055, 0.085, HEAD), (0.915, 0.945, FEET)):
        draw.rectangle(((x - 0.04) * width, top * height, (x + 0.04) * width, bottom * height), colour)
    return image


def png(image: Image.Image, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def made(results: dict[str, Encoded | PoseError], name: str) -> Encoded:
    result = results[name]
    assert isinstance(result, Encoded), result
    return result


def area(pixels: npt.NDArray[np.uint8], colour: tuple[int, int, int]) -> float:
    return float((np.abs(pixels.astype(int) - colour).max(axis=2) < 90).sum())


@pytest.mark.parametrize("x", [0.5, 0.12, 0.9])
def test_every_format_is_right_and_keeps_head_and_feet(x: float) -> None:
    results = encode_all(png(picture(x)), figure(x), list(FORMATS.values()))
    assert set(results) == set(SPECIFIED)
    for name, (width, height, kind, quality) in SPECIFIED.items():
        result = made(results, name)
        assert (result.width, result.height) == (width, height)
        assert FORMATS[name].quality == quality
        assert result.sha256 == hashlib.sha256(result.data).hexdigest()
        with Image.open(BytesIO(result.data)) as image:
            assert (image.format, image.size, image.mode) == (kind, (width, height), "RGB"), name
            assert result.media_type == Image.MIME[kind]
            dpi = image.info.get("dpi")
            assert (
                (dpi == pytest.approx((300, 300), abs=0.01))
                if name.startswith("print")
                else dpi in (None, (72, 72))
            )
            pixels = np.asarray(image.reduce(max(1, width // 500)))
        backdrop, head, feet = (
            area(pixels, colour) / pixels[..., 0].size for colour in (BACKDROP, HEAD, FEET)
        )
        assert backdrop > 0.5, name
        assert head > 0.0008, name
        assert head == pytest.approx(feet, rel=0.15), name  # both whole: they are drawn equally large


def test_a_landscape_picture_keeps_the_figure_too() -> None:
    results = encode_all(
        png(picture(0.2, (1536, 640))), figure(0.2), [resolve("tiktok"), resolve("print_4x6")]
    )
    for name in ("tiktok", "print_4x6"):
        with Image.open(BytesIO(made(results, name).data)) as image:
            pixels = np.asarray(image)
        assert area(pixels, HEAD) == pytest.approx(area(pixels, FEET), rel=0.15)


def test_without_keypoints_the_centre_is_exported() -> None:
    result = made(encode_all(png(picture(0.5)), None, [resolve("instagram_story")]), "instagram_story")
    with Image.open(BytesIO(result.data)) as image:
        columns = np.argwhere(np.abs(np.asarray(image).astype(int) - HEAD).max(axis=2) < 90)[:, 1]
    assert (columns.min() + columns.max()) / 2 == pytest.approx(540, abs=3)


def test_names_of_the_same_file_are_encoded_once() -> None:
    names = ["instagram_story", "tiktok", "shopee_product", "lazada_product", "tokopedia_product"]
    results = encode_all(png(picture(0.5)), None, [FORMATS[name] for name in names])
    assert results["instagram_story"] is results["tiktok"]
    assert results["shopee_product"] is results["lazada_product"]
    assert results["shopee_product"] is not results["tokopedia_product"]


def test_one_impossible_format_leaves_the_others() -> None:
    wide = ExportFormat("banner", "Banner", "general", 70_000, 16, quality=85)  # JPEG ends at 65,535
    results = encode_all(png(picture(0.5)), None, [wide, resolve("instagram_feed")])
    assert isinstance(results["banner"], PoseError)
    assert "Banner" in results["banner"].message
    assert made(results, "instagram_feed").width == 1080


def test_a_broken_picture_is_no_export_at_all() -> None:
    with pytest.raises(BadImage):
        encode_all(png(picture(0.5))[:-2000], None, [resolve("web")])
    with pytest.raises(BadImage):
        thumbnail(b"not a picture")


def test_the_original_is_untouched() -> None:
    data = png(picture(0.5))
    assert made(encode_all(data, figure(0.5), [resolve("original")]), "original").data == data


def test_an_original_that_is_no_png_becomes_one_without_loss() -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8))
    jpeg = BytesIO()
    noise.save(jpeg, "JPEG")
    original = made(encode_all(jpeg.getvalue(), None, [resolve("original")]), "original")
    with Image.open(BytesIO(original.data)) as image, Image.open(jpeg) as source:
        assert (image.format, image.tobytes()) == ("PNG", source.tobytes())


@pytest.mark.parametrize(("size", "expected"), [((1536, 1024), (1024, 683)), ((512, 768), (683, 1024))])
def test_web_has_1024_on_its_long_side(size: tuple[int, int], expected: tuple[int, int]) -> None:
    result = made(encode_all(png(picture(0.5, size)), figure(0.5), [resolve("web")]), "web")
    assert (result.width, result.height, result.extension) == (*expected, "webp")


def test_jpeg_puts_what_shows_through_on_white() -> None:
    cut_out = Image.new("RGBA", (1024, 1024), (0, 0, 0, 0))
    ImageDraw.Draw(cut_out).rectangle((400, 100, 600, 900), (200, 30, 30, 255))
    results = encode_all(png(cut_out), None, [resolve("instagram_feed"), resolve("print_4x6")])
    with Image.open(BytesIO(made(results, "instagram_feed").data)) as image:
        assert min(np.asarray(image)[0, 0]) >= 254
    with Image.open(BytesIO(made(results, "print_4x6").data)) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)


def test_no_metadata_gets_out() -> None:
    text, exif = PngImagePlugin.PngInfo(), Image.Exif()
    text.add_text("prompt", "a-secret-prompt")
    exif[0x010E] = "a-secret-prompt"
    data = png(picture(0.5), pnginfo=text, exif=exif, icc_profile=b"a-secret-prompt")
    assert b"a-secret-prompt" in data
    for result in encode_all(
        data, None, [resolve(n) for n in ("web", "instagram_feed", "print_4x6")]
    ).values():
        assert isinstance(result, Encoded)
        assert b"a-secret-prompt" not in result.data
        with Image.open(BytesIO(result.data)) as image:
            assert not image.getexif()
            assert set(image.info) <= {
                "dpi",
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "loop",
                "background",
            }


@pytest.mark.parametrize("name", ["tiktok", "instagram_feed", "shopee_product"])
def test_the_quality_is_in_the_file(name: str) -> None:
    reference = BytesIO()
    picture(0.5).save(reference, "JPEG", quality=FORMATS[name].quality)
    result = made(encode_all(png(picture(0.5)), None, [FORMATS[name]]), name)
    with Image.open(BytesIO(result.data)) as image, Image.open(reference) as expected:
        assert isinstance(image, JpegImageFile)
        assert isinstance(expected, JpegImageFile)
        assert image.quantization == expected.quantization


def test_the_same_picture_gives_the_same_bytes_in_any_thread() -> None:
    data, formats = png(picture(0.12)), [resolve("facebook_post"), resolve("web")]
    expected = encode_all(data, figure(0.12), formats)
    results: list[dict[str, Encoded | PoseError]] = []
    threads = [
        threading.Thread(target=lambda: results.append(encode_all(data, figure(0.12), formats)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 3


@pytest.mark.parametrize("as_bytes", [True, False])
def test_thumbnails_show_the_figure(*, as_bytes: bool) -> None:
    tall = picture(0.5, (640, 1536))
    with Image.open(BytesIO(thumbnail(png(tall) if as_bytes else tall, figure(0.5)))) as image:
        assert (image.format, image.size) == ("JPEG", (400, 400))
        pixels = np.asarray(image)
    assert area(pixels, HEAD) == pytest.approx(area(pixels, FEET), rel=0.2)


def test_aliases_lead_to_their_format() -> None:
    assert {alias: resolve(alias).name for alias in ALIASES} == ALIASES
    assert resolve("shopee") is FORMATS["shopee_product"]
    assert not ALIASES.keys() & FORMATS.keys()


@pytest.mark.parametrize("name", ["", "Instagram_Story", "instagram_story ", "myspace", "../etc/passwd"])
def test_an_unknown_format_is_named(name: str) -> None:
    with pytest.raises(ValidationFailed) as failure:
        resolve(name)
    assert f'"{name}"' in failure.value.message
    assert "instagram_story" in failure.value.message


def test_use_cases_are_sets_one_generation_may_ask_for() -> None:
    assert set(USE_CASES) == {"social_media", "ecommerce", "print", "all_social"}
    for names in USE_CASES.values():
        assert 0 < len(names) <= 10
        assert [resolve(name).name for name in names] == list(names)
    assert len(USE_CASES["all_social"]) == 10


def test_estimates_grow_with_the_picture() -> None:
    assert all(format_.estimated_bytes > 10_000 for format_ in FORMATS.values())
    assert FORMATS["print_tabloid"].estimated_bytes > FORMATS["print_a4"].estimated_bytes > 10**6
