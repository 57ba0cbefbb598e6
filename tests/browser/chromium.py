"""Where Chromium is. There is always one: a test that cannot look at the page has not passed."""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(f"No Chromium on the PATH ({', '.join(NAMES)}). Get one with: make chromium")
    return path
