"""No pose name, however strange, makes a file name that leads elsewhere or that a system refuses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import filenames


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Arms crossed", "arms-crossed"),
        ("Pencak silat: kuda-kuda (II)", "pencak-silat-kuda-kuda-ii"),
        ("Crème brûlée", "creme-brulee"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\windows\\x.exe", "c-windows-x-exe"),
        ("ポーズ", "pose"),
        ("", "pose"),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_pose_name_becomes_plain_letters(name: str, slug: str) -> None:
    assert filenames.slug(name) == slug
    assert filenames.of_picture(7, name, "tiktok", "jpg") == f"007_{slug}_tiktok.jpg"


@given(st.text(max_size=300))
def test_every_name_is_safe(name: str) -> None:
    assert re.fullmatch(
        r"499_[a-z0-9][a-z0-9-]{0,39}_web\.webp", filenames.of_picture(499, name, "web", "webp")
    )
