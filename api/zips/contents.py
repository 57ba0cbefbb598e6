"""What a ZIP will hold, known before its first byte is sent: the pictures, and which of their files exist.

One listing tells about thousands of files what asking for each would take minutes for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.storage import Storage
from api.item_files import key_of
from api.zips.wish import Wish
from schema import ids, keys
from schema.database import Database
from schema.errors import SENTENCES, Conflict, StorageUnavailable, Unavailable, ValidationFailed
from schema.kinds import ItemStatus
from schema.models.archives import MissingFile
from schema.queries import generations, items
from schema.tables import Generation, Item

ORIGINAL = "original"


@dataclass(frozen=True)
class Contents:
    generation: Generation
    pictures: tuple[Item, ...]
    pose_names: dict[int, str]
    formats: tuple[str, ...]
    left_out: tuple[MissingFile, ...]
    """Chosen, but not delivered."""
    sizes: dict[str, int]
    """Of the objects that are there, by key."""

    @property
    def complete(self) -> bool:
        """Nothing has to be made, so the length of the whole is known."""
        wanted = (key_of(item, name) for item in self.pictures for name in self.formats)
        return all(key in self.sizes for key in wanted)


async def read(
    database: Database, storage: Storage, generation_id: str, user_id: str, wish: Wish
) -> Contents:
    async with database.snapshot() as session:
        generation = await generations.owned(session, generation_id, user_id)
        rows = {item.index: item for item in await items.all_of(session, generation_id)}
        pose_names = await items.pose_names(session, generation_id)
    chosen = _chosen(generation, wish)
    pictures = tuple(row for n in chosen if (row := rows.get(n)) and row.status == ItemStatus.COMPLETED)
    if not pictures:
        raise Conflict("None of these pictures has been delivered, so there is nothing to download.")
    formats = wish.formats or tuple(dict.fromkeys((*generation.output_formats, ORIGINAL)))
    return Contents(
        generation=generation,
        pictures=pictures,
        pose_names=pose_names,
        formats=formats,
        left_out=tuple(_left_out(generation_id, chosen, rows)),
        sizes=await _sizes(storage, generation_id, pictures, formats),
    )


def _chosen(generation: Generation, wish: Wish) -> list[int]:
    total = generation.total_expected_poses
    if wish.indexes is None:
        return list(range(total))
    if max(wish.indexes) >= total:
        message = f"must be between 0 and {total - 1}"
        details = [{"path": "items", "in": "query", "message": message}]
        raise ValidationFailed(f"items: {message}", details=details)
    return sorted(wish.indexes)


def _left_out(generation_id: str, chosen: Iterable[int], rows: dict[int, Item]) -> Iterable[MissingFile]:
    for index in chosen:
        row = rows.get(index)
        if row is None or row.error_code:
            code = row.error_code if row and row.error_code else "PENDING"
            reason = SENTENCES.get(code, "This picture is not made yet.")
            yield MissingFile(
                item_id=ids.item_id(generation_id, index), index=index, code=code, reason=reason
            )


async def _sizes(
    storage: Storage, generation_id: str, pictures: Iterable[Item], formats: Iterable[str]
) -> dict[str, int]:
    prefixes = keys.folders(generation_id)
    wanted = {key for item in pictures for name in formats if (key := key_of(item, name))}
    try:
        sizes = {info.key: info.size for prefix in prefixes async for info in storage.list(prefix)}
        for key in wanted:
            if not key.startswith(prefixes) and (info := await storage.stat(key)):
                sizes[key] = info.size
    except StorageUnavailable as error:
        raise Unavailable("The file storage is away. Try again.") from error
    return sizes
