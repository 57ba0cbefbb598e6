"""Pictures that wait for the next step: each for one taker, and never more than there is room for."""

from PIL import Image

from adapters.decoded import MAX_PIXELS, JustDecoded


def picture(side: int = 10) -> Image.Image:
    return Image.new("RGB", (side, side))


def test_it_is_taken_once() -> None:
    kept, here = picture(), JustDecoded()
    here.keep("a", kept)
    assert here.take("a") is kept
    assert here.take("a") is None


def test_the_oldest_leave_when_there_is_no_more_room() -> None:
    here = JustDecoded(max_pixels=250)
    for key in "abc":
        here.keep(key, picture())
    here.keep("c", picture())
    assert [bool(here.take(key)) for key in "abc"] == [False, True, True]


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    here = JustDecoded()
    here.keep("small", picture())
    here.keep("huge", Image.new("1", (MAX_PIXELS // 1000, 1001)))
    assert (here.take("small"), here.take("huge")) == (None, None)
