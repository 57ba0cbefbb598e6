"""Pictures in the input folder, and what ComfyUI writes into those it puts out."""

import base64
import json
import struct
import zlib
from typing import Any, Final

MOST_FILES: Final = 1000
HEADER_END: Final = 8 + 25  # the signature and the first chunk, which is always as long


class Files:
    """In memory; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def put(self, subfolder: str, name: str, data: bytes, *, overwrite: bool) -> str:
        """The name it got: a taken one is kept if its content is the same, else a number is added."""
        stem, dot, extension = name.rpartition(".")
        number, taken = 0, name
        while not overwrite and self._data.get(_path(subfolder, taken), data) != data:
            number += 1
            taken = f"{stem} ({number}){dot}{extension}"
        self._data[_path(subfolder, taken)] = data
        if len(self._data) > MOST_FILES:
            del self._data[next(iter(self._data))]
        return taken

    def has(self, path: str) -> bool:
        return path in self._data

    def url(self, path: str) -> str:
        return f"data:image/png;base64,{base64.b64encode(self._data[path]).decode()}"

    def listed(self) -> list[str]:
        return sorted(path for path in self._data if "/" not in path)


def with_text(png: bytes, name: str, value: Any) -> bytes:
    """The picture with a text chunk right after its header, where ComfyUI tells how it was made."""
    if not png.startswith(b"\x89PNG"):
        return png
    body = b"tEXt" + name.encode() + b"\0" + json.dumps(value).encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:HEADER_END] + chunk + png[HEADER_END:]


def _path(subfolder: str, name: str) -> str:
    return f"{subfolder}/{name}" if subfolder else name
