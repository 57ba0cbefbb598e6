"""A cut-out that somebody else made: taken for its shares only, and only if it can be one."""

from io import BytesIO

import numpy as np
from PIL import Image

from imaging.checks import decode
from schema.errors import BadImage

LEAST, MOST = 0.005, 0.98
"""Of the picture: less is no figure, more is no cut."""


def share_of(cut_out: bytes, size: tuple[int, int]) -> bytes:
    """As a grey PNG, from a picture of any size that is transparent where the figure is not."""
    image = decode(cut_out)
    if image.mode != "RGBA":
        raise BadImage("The cut-out has no transparency.")
    share = image.getchannel("A")
    if share.size != size:
        share = share.resize(size, Image.Resampling.LANCZOS)
    covered = float(np.asarray(share, np.float32).mean()) / 255
    if not LEAST < covered < MOST:
        raise BadImage("The cut-out shows no figure.")
    out = BytesIO()
    share.save(out, "PNG")
    return out.getvalue()


def kept(share: bytes) -> Image.Image:
    """What `share_of` made."""
    return decode(share).convert("L")
