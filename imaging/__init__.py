"""Figures and all work on pixels."""

from typing import Final

from PIL import _imaging

KEPT_BLOCKS: Final = 2
"""Of freed pictures' memory, for the next ones. From the system each page of it would be a fault: as much
CPU as a third of the work on the pixels."""

_imaging.set_blocks_max(KEPT_BLOCKS)
