"""The files of one picture, for its owner: exports made again, and links to download under a good name."""

from typing import Final

from adapters.exporter import Exported, Exporter
from adapters.storage import ObjectMissing, Storage
from api.allowance import Allowance
from api.slots import Slots
from imaging import formats
from imaging.formats import ExportFormat
from schema import filenames, keys
from schema.database import Database
from schema.errors import BadImage, Conflict, StorageUnavailable, Unavailable
from schema.kinds import ItemStatus
from schema.messages.pictures import ExportItem
from schema.models.items import DownloadAnswer, ItemAnswer, ItemView
from schema.queries import items
from schema.tables import Item

AT_ONCE: Final = 32
PER_USER: Final = 4


class ItemFiles:
    def __init__(self, database: Database, storage: Storage, exporter: Exporter) -> None:
        self._exporter = exporter
        self._database = database
        self._storage = storage
        self._slots = Slots("exports being made", total=AT_ONCE, per_user=PER_USER)

    async def make_again(
        self, user_id: str, item_id: str, format_name: str, allowance: Allowance
    ) -> ItemAnswer:
        format_ = formats.resolve(format_name)
        item = await self._delivered(user_id, item_id)
        await self._make(user_id, item, format_, allowance)
        async with self._database.transaction() as session:
            item, generation = await items.owned(session, item_id, user_id)
        return ItemAnswer(pose=ItemView.of(item, self._storage.url, generation))

    async def download(
        self, user_id: str, item_id: str, format_name: str, allowance: Allowance
    ) -> DownloadAnswer:
        """Makes the file first where it is none that was ordered."""
        format_ = formats.resolve(format_name)
        item = await self._delivered(user_id, item_id)
        key = key_of(item, format_.name) or await self._make(user_id, item, format_, allowance)
        async with self._database.transaction() as session:
            pose_name = await items.pose_name(session, item)
            count = await items.count_download(session, item.id)
        name = filenames.of_picture(item.index, pose_name, format_.name, keys.extension(key))
        url = self._storage.url(key, download_name=name)
        return DownloadAnswer(url=url, file_name=name, download_count=count)

    async def _delivered(self, user_id: str, item_id: str) -> Item:
        async with self._database.transaction() as session:
            item, _ = await items.owned(session, item_id, user_id)
        if item.status != ItemStatus.COMPLETED:
            raise Conflict("This picture was not delivered, so there is nothing to make files of.")
        return item

    async def _make(self, user_id: str, item: Item, format_: ExportFormat, allowance: Allowance) -> str:
        """The key of the new file. Making one counts as much as ordering a picture."""
        with self._slots.taken(user_id):
            await allowance.take(1)
            made = await self._made(item, format_)
            while made.superseded:  # by another background, meanwhile
                item = await self._delivered(user_id, item.id)
                made = await self._made(item, format_)
        if format_.name in made.failed:
            raise made.failed[format_.name]
        return str(made.rows[format_.name]["key"])

    async def _made(self, item: Item, format_: ExportFormat) -> Exported:
        try:
            return await self._exporter.make(export_call(item, format_.name))
        except (ObjectMissing, BadImage) as error:
            raise Conflict("The picture itself is gone from the storage or broken.") from error
        except StorageUnavailable as error:
            raise Unavailable("The file storage is away. Try again.") from error


def export_call(item: Item, *format_names: str) -> ExportItem:
    assert item.image_key
    return ExportItem(
        generation_id=item.generation_id,
        item_id=item.id,
        position=item.position,
        image_key=item.image_key,
        formats=format_names,
    )


def key_of(item: Item, format_name: str) -> str | None:
    """Where a file of a delivered picture is; the picture itself is its own original."""
    if format_name in item.exports:
        return str(item.exports[format_name]["key"])
    return item.image_key if formats.FORMATS[format_name].is_original else None
