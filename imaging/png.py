"""What a PNG carries besides its pixels."""

from collections.abc import Iterator
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
TEXTS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
END: Final = b"\0\0\0\0IEND\xaeB`\x82"
AROUND: Final = 12
"""Length, name and checksum of a chunk."""


def without_texts(data: bytes) -> bytes:
    """The same picture without what its maker wrote into it; anything but a whole PNG comes back as it is."""
    if not (data.startswith(SIGNATURE) and data.endswith(END)):
        return data
    chunks = list(_chunks(data))
    if chunks[-1] != END:
        return data
    return SIGNATURE + b"".join(chunk for chunk in chunks if chunk[4:8] not in TEXTS)


def _chunks(data: bytes) -> Iterator[bytes]:
    place = len(SIGNATURE)
    while place + AROUND <= len(data):
        length = AROUND + int.from_bytes(data[place : place + 4])
        yield data[place : place + length]
        place += length
