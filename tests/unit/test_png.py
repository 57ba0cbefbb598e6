"""A picture without what its maker wrote into it is the same picture."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imaging.png import without_texts


def png(*, texts: bool) -> bytes:
    info = PngInfo()
    if texts:
        info.add_text("prompt", "a secret")
        info.add_itxt("workflow", "a secret", zip=True)
    buffer = io.BytesIO()
    Image.linear_gradient("L").save(buffer, "PNG", pnginfo=info, dpi=(300, 300))
    return buffer.getvalue()


def test_texts_go_and_everything_else_stays() -> None:
    stripped = without_texts(png(texts=True))
    assert stripped == png(texts=False)
    with Image.open(io.BytesIO(stripped)) as image:
        image.load()
        assert image.size == (256, 256)
        assert not {"prompt", "workflow"} & image.info.keys()


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 20, 200, -1, -12])
def test_a_torn_picture_stays_as_it_is(cut: int) -> None:
    torn = png(texts=True)[:cut]
    assert without_texts(torn) == torn


def test_other_bytes_stay_as_they_are() -> None:
    for data in (b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n" + b"\xff" * 40):
        assert without_texts(data) == data
