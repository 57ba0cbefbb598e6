"""The ZIP format, fed by an asynchronous source: one part in, its piece of the archive out, nothing kept.

Files are stored, not compressed, since pictures are.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator

from zipstream import ZipStream


class Packer:
    def __init__(self) -> None:
        self._zip = ZipStream(sized=True)

    async def pack(
        self, name: str, size: int, first: bytes, rest: AsyncIterator[bytes]
    ) -> AsyncGenerator[bytes, None]:
        """RuntimeError when the parts are not as long as was said: the archive cannot go on then."""
        waiting: deque[bytes] = deque()
        self._zip.add(_taken_from(waiting), name, size=size)
        pieces = self._zip.file()
        yield next(pieces)
        part = first
        while part:
            waiting.append(part)
            yield next(pieces)
            part = await anext(rest, b"")
        for piece in pieces:
            yield piece

    def close(self, name: str, last: bytes) -> Iterator[bytes]:
        """With one more file, and the directory of all."""
        self._zip.add(last, name)
        yield from self._zip.finalize()


def length(files: Iterable[tuple[str, int]]) -> int:
    """Of an archive with files of these names and sizes."""
    measured = ZipStream(sized=True)
    for name, size in files:
        measured.add(iter(()), name, size=size)
    return len(measured)


def _taken_from(waiting: deque[bytes]) -> Iterator[bytes]:
    while waiting:
        yield waiting.popleft()
