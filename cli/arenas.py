"""How much freed memory the C library keeps for itself.

Each thread would have an arena of its own, and each keeps what the pictures of its thread have left: 30 MB in
a worker. To be called before there are threads; only glibc knows of it.
"""

import ctypes
from typing import Final

MOST: Final = 2
_M_ARENA_MAX: Final = -8  # of <malloc.h>


def share() -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_M_ARENA_MAX, MOST)
