"""While a picture is worked on, other threads go on: heartbeats, and the pictures on other cores."""

import sys
import threading
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging.checks import decode
from imaging.crop import Box
from imaging.exports import _bytes
from imaging.formats import FORMATS
from imaging.png_writer import written
from imaging.resize import fine, quick

SIDE = 1024
WHOLE = Box(0, 0, SIDE, SIDE)
PIXELS = np.random.default_rng(1).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
PICTURE = Image.fromarray(PIXELS)


def as_png() -> bytes:
    file = BytesIO()
    PICTURE.save(file, "PNG", compress_level=1)
    return file.getvalue()


PNG = as_png()
WORK: dict[str, Callable[[], object]] = {
    "decode": lambda: decode(PNG),
    "quick": lambda: quick(PICTURE, (500, 500), WHOLE),
    "fine": lambda: fine(PICTURE, (500, 500), WHOLE),
    "png": lambda: written(PIXELS),
    "jpeg": lambda: _bytes(PIXELS, FORMATS["tiktok"]),
    "webp": lambda: _bytes(PIXELS, FORMATS["web"]),
}


@pytest.fixture(autouse=True)
def _only_where_it_is_let_go_of() -> Iterator[None]:
    """Nobody is given Python's lock for having waited long enough."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(3600)
    yield
    sys.setswitchinterval(before)


def turns_during(work: Callable[[], object]) -> int:
    """How often another thread came to work meanwhile."""
    turns = 0
    over = threading.Event()

    def wait_and_count() -> None:
        nonlocal turns
        while not over.is_set():
            turns += 1
            over.wait(0.0001)

    other = threading.Thread(target=wait_and_count)
    other.start()
    before = turns
    work()
    during = turns - before
    over.set()
    other.join()
    return during


@pytest.mark.parametrize("name", WORK)
def test_other_threads_go_on_meanwhile(name: str) -> None:
    """Tried again, as a busy machine may have no core for the other one just then."""
    assert any(turns_during(WORK[name]) for _ in range(10))


def test_python_alone_would_hold_them_up() -> None:
    assert not any(turns_during(lambda: sum(range(300_000))) for _ in range(10))
