"""Who looks at finished pictures before anybody else does: nobody, a model file, or the provider."""

from collections.abc import Callable

from PIL import Image

Judge = Callable[[Image.Image], float]
"""How probably a picture should not be shown. CPU work for a thread; if it raises, it has not judged."""
