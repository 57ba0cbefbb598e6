"""A place without people shows none, looks like its words, and the same seed gives the same."""

import numpy as np
import pytest

from simulator import scenes


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("a beach, empty scene without people", True),
        ("a woman standing on a beach", False),
        ("Nobody in a quiet street", True),
    ],
)
def test_it_is_asked_for_in_words(prompt: str, asked: bool) -> None:  # noqa: FBT001 - a table's column
    assert scenes.is_asked(prompt) is asked


def test_seeds_and_words_make_the_difference() -> None:
    beach = np.asarray(scenes.draw("a beach", 64, 48, 1))
    assert beach.shape == (48, 64, 3)
    assert (beach == np.asarray(scenes.draw("a beach", 64, 48, 1))).all()
    assert (beach != np.asarray(scenes.draw("a beach", 64, 48, 2))).any()
    assert abs(beach.mean() - np.asarray(scenes.draw("a city at night", 64, 48, 1)).mean()) > 5
