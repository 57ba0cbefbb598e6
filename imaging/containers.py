"""Where a picture's file ends, so that nothing else rides on it: archives, pages and scripts like to."""

import re
from typing import Final, NamedTuple

from schema.errors import BadImage

MAX_PARTS: Final = 50_000
PADDING: Final = b"\0\t\n\r "
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""What ends a scan: within it, 0xFF is followed by zero or counts a restart."""
_END, _SCAN = 0xD9, 0xDA


class Extent(NamedTuple):
    end: int
    """The first byte that belongs to the picture no more."""
    scans: int = 1
    """How often a decoder has to go over all pixels."""


def extent(data: bytes, media_type: str) -> Extent:
    """BadImage for a file that breaks off; of what its parts hold nothing is looked at."""
    measure = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}[media_type]
    found = measure(data)
    if found.end > len(data):
        raise _broken_off()
    return found


def has_stowaway(data: bytes, media_type: str) -> bool:
    """Anything after the picture but padding and what phones put there: previews, clips and notes."""
    rest = data[extent(data, media_type).end :]
    if not rest.strip(PADDING):
        return False
    of_a_phone = rest.startswith(b"\xff\xd8\xff") or rest[4:8] == b"ftyp" or rest.endswith(b"SEFT")
    return not (media_type == "image/jpeg" and of_a_phone)


def _png(data: bytes) -> Extent:
    place = 8
    for _ in range(MAX_PARTS):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        place += 12 + length
        if kind == b"IEND":
            return Extent(place)
    raise _broken_off()


def _webp(data: bytes) -> Extent:
    length = int.from_bytes(data[4:8], "little")
    return Extent(8 + length + length % 2)


def _jpeg(data: bytes) -> Extent:
    place, scans = 2, 0
    for _ in range(MAX_PARTS):
        found = _MARKER.search(data, place)
        if found is None:
            break
        marker, place = data[found.start() + 1], found.end()
        if marker == _END:
            return Extent(place, scans)
        scans += marker == _SCAN
        place += int.from_bytes(data[place : place + 2])
    raise _broken_off()


def _broken_off() -> BadImage:
    return BadImage("The picture is damaged or incomplete.")
