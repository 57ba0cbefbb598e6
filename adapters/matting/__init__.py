"""Who cuts figures out: the provider, a model file of the operator's, or this machine by colours alone."""

from collections.abc import Callable

from PIL import Image

from schema.pose import Keypoints

Cutter = Callable[[Image.Image, Keypoints | None], Image.Image]
"""How much of each pixel belongs to the figure. CPU work for a thread; raises BadImage when there is none."""
