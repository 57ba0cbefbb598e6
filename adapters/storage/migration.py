"""All of one storage into another: copied, read back, compared. It may be stopped and run again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from adapters.storage import ObjectInfo, ObjectMissing, Storage
from schema.errors import StorageUnavailable

AT_ONCE = 8
"""Objects in memory."""


@dataclass
class Migrated:
    objects: int = 0
    copied: int = 0
    size_bytes: int = 0


async def migrate(source: Storage, target: Storage, tell: Callable[[Migrated], object]) -> Migrated:
    """Raises at the first object that cannot be brought over; what has been brought stays."""
    await target.check()
    done = Migrated()
    places = asyncio.Semaphore(AT_ONCE)

    async def bring(info: ObjectInfo) -> None:
        try:
            copied = await _brought(source, target, info.key)
        except ObjectMissing:
            return  # deleted since it was listed
        finally:
            places.release()
        done.objects += 1
        done.copied += copied
        done.size_bytes += info.size
        tell(done)

    try:
        async with asyncio.TaskGroup() as group:
            async for info in source.list(""):
                await places.acquire()
                group.create_task(bring(info))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return done


async def _brought(source: Storage, target: Storage, key: str) -> bool:
    """False when it was there already, to the byte."""
    data = await source.get(key)
    if await _held(target, key) == data:
        return False
    await target.put(key, data)
    if await _held(target, key) != data:
        raise StorageUnavailable(f"{key} came back from the new storage as something else.")
    return True


async def _held(target: Storage, key: str) -> bytes | None:
    try:
        return await target.get(key)
    except ObjectMissing:
        return None
