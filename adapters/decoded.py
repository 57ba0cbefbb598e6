"""Pictures as they were just decoded, for the step that mostly follows at once on the same worker."""

from collections import OrderedDict
from typing import Final

from PIL import Image

MAX_PIXELS: Final = 4_000_000
"""In all, at four bytes each."""


class JustDecoded:
    """By storage key, which names one content for ever. Nobody may count on a picture being here."""

    def __init__(self, max_pixels: int = MAX_PIXELS) -> None:
        self._pictures: OrderedDict[str, Image.Image] = OrderedDict()
        self._max_pixels = max_pixels

    def keep(self, key: str, picture: Image.Image) -> None:
        """As long as there is room; the oldest leave first."""
        self._pictures[key] = picture
        while sum(kept.width * kept.height for kept in self._pictures.values()) > self._max_pixels:
            self._pictures.popitem(last=False)

    def take(self, key: str) -> Image.Image | None:
        return self._pictures.pop(key, None)
