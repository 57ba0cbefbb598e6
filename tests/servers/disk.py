"""A disk in trouble, for whoever runs the tests, root too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def out_of_order(folder: Path) -> Iterator[None]:
    """A link to itself stands where the folder was: whatever is asked of it is an error of the system."""
    folder.mkdir(exist_ok=True)
    aside = folder.rename(folder.with_name(f"{folder.name}.aside"))
    folder.symlink_to(folder)
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)
