"""Objects as files in a folder.

A name appears only when its file is whole: no kill, full disk or power cut leaves half an object.
"""

import asyncio
import os
import stat
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from adapters.storage import ObjectInfo, ObjectMissing, check_key, check_prefix
from adapters.storage.paging import pages
from adapters.storage.parts import PART_SIZE, Part, in_parts
from adapters.storage.signing import UrlSigner
from schema.errors import StorageUnavailable

P = ParamSpec("P")
R = TypeVar("R")

RENAME_ATTEMPTS = 100
LEFTOVER_AGE_S = 3600
_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class LocalStorage:
    def __init__(self, root: Path, signer: UrlSigner) -> None:
        self.signer = signer
        self._root = root.absolute()
        self._partial = (
            self._root / ".partial"
        )  # no key begins with a dot; the same disk, so a rename is atomic

    def path(self, key: str) -> Path:
        """The file behind a key, for an HTTP route to send; ObjectMissing when there is none."""
        path = self._at(key)
        try:
            found = _info(key, path)
        except OSError as error:
            raise _unavailable() from error
        if found is None:
            raise ObjectMissing(key)
        return path

    async def put(self, key: str, data: bytes) -> None:
        await _in_thread(self._put, self._at(key), data)

    async def get(self, key: str) -> bytes:
        path = self._at(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except _ABSENT as error:
            raise ObjectMissing(key) from error
        except OSError as error:
            raise _unavailable() from error

    def stream(self, key: str) -> AsyncIterator[bytes]:
        return in_parts(partial(self._part, self._at(key)))

    async def stat(self, key: str) -> ObjectInfo | None:
        return await _in_thread(_info, key, self._at(key))

    async def move(self, source: str, target: str) -> None:
        if not await _in_thread(self._move, self._at(source), self._at(target)):
            raise ObjectMissing(source)

    async def delete(self, key: str) -> None:
        await _in_thread(self._delete, self._at(key))

    def list(self, prefix: str, *, after: str = "") -> AsyncIterator[ObjectInfo]:
        folder = check_prefix(prefix).rpartition("/")[0]
        return pages(_walk(self._root / folder, f"{folder}/" if folder else "", prefix, after), _in_thread)

    def url(self, key: str, *, download_name: str | None = None, until: datetime | None = None) -> str:
        return self.signer.url(key, download_name, until)

    async def check(self) -> None:
        await _in_thread(self._check)

    async def close(self) -> None:
        """Nothing is held open."""

    def _at(self, key: str) -> Path:
        return self._root / check_key(key)

    async def _part(self, path: Path, start: int, version: str | None) -> Part:
        try:
            return await asyncio.to_thread(_read_part, path, start, version)
        except _ABSENT as error:
            raise ObjectMissing(path.name) from error
        except OSError as error:
            raise _unavailable() from error

    def _put(self, target: Path, data: bytes) -> None:
        partial = self._write_partial(data)
        try:
            _rename(partial, target)
        finally:
            partial.unlink(missing_ok=True)

    def _write_partial(self, data: bytes) -> Path:
        self._partial.mkdir(parents=True, exist_ok=True)
        partial = self._partial / uuid.uuid4().hex
        try:
            with partial.open("xb") as file:
                file.write(data)
                file.flush()
                # A kill leaves the page cache alone, a power cut does not, and the name must not outlive the
                # bytes. Costs 1.5 ms for a picture.
                os.fsync(file.fileno())
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        return partial

    def _move(self, source: Path, target: Path) -> bool:
        try:
            _rename(source, target)
        except FileNotFoundError:
            return target.is_file()
        self._prune(source.parent)
        return True

    def _delete(self, path: Path) -> None:
        with suppress(*_ABSENT):
            if not path.is_dir():  # unlinking a folder fails in another way on each system
                path.unlink()
                self._prune(path.parent)

    def _prune(self, folder: Path) -> None:
        """Remove folders that became empty; the first that did not ends it."""
        with suppress(OSError):
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent

    def _check(self) -> None:
        self._write_partial(b"probe").unlink()
        for leftover in self._partial.iterdir():
            with suppress(FileNotFoundError):  # its writer, or another check, was faster
                if leftover.stat().st_mtime < time.time() - LEFTOVER_AGE_S:
                    leftover.unlink()


async def _in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as error:
        raise _unavailable() from error


def _read_part(path: Path, start: int, version: str | None) -> Part:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if version not in (None, str(size)):
            raise OSError("the object was replaced while it was read")
        file.seek(start)
        return Part(file.read(PART_SIZE), size, str(size))


def _unavailable() -> StorageUnavailable:
    return StorageUnavailable("The file storage is not available. Try again in a moment.")


def _rename(source: Path, target: Path) -> None:
    """FileNotFoundError means the source is gone; a folder that somebody prunes meanwhile is made again."""
    for _ in range(RENAME_ATTEMPTS):
        try:
            source.replace(target)
        except FileNotFoundError:
            if not source.exists():
                raise
        else:
            return
        with suppress(FileNotFoundError, FileExistsError):  # pruned again, before or after it was there
            target.parent.mkdir(parents=True, exist_ok=True)
    raise OSError(f"{target.parent} keeps vanishing")


def _info(key: str, path: Path) -> ObjectInfo | None:
    try:
        status = path.stat()
    except _ABSENT:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return ObjectInfo(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _walk(folder: Path, base: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
    """What vanishes meanwhile is not listed. A folder sorts as its keys do, with the slash."""
    try:
        with os.scandir(folder) as found:
            names = sorted(
                f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
                for entry in found
                if not entry.name.startswith(".")
            )
    except _ABSENT:
        return
    for name in names:
        key = base + name
        if name.endswith("/"):
            if key.startswith(prefix) and (key > after or after.startswith(key)):
                yield from _walk(folder / name, key, prefix, after)
        elif key.startswith(prefix) and key > after and (info := _info(key, folder / name)):
            yield info
