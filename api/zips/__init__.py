"""The pictures of a generation as one ZIP, built while it is sent: it is never whole in memory or on disk."""

from contextlib import ExitStack

from adapters.exporter import Exporter
from adapters.storage import Storage
from api.slots import Slots
from api.zips import contents
from api.zips.archive import Archive
from api.zips.response import ZipResponse
from api.zips.wish import Wish
from schema import filenames
from schema.database import Database
from schema.settings import Settings


class Zips:
    def __init__(self, settings: Settings, database: Database, storage: Storage, exporter: Exporter) -> None:
        self._database = database
        self._storage = storage
        self._exporter = exporter
        self.slots = Slots(
            "ZIP downloads", total=settings.zip_downloads, per_user=settings.zip_downloads_per_user
        )

    async def open(self, user_id: str, generation_id: str, wish: Wish) -> ZipResponse:
        """The slot is held until the last byte is sent or the client has left."""
        with ExitStack() as held:
            held.enter_context(self.slots.taken(user_id))
            found = await contents.read(self._database, self._storage, generation_id, user_id, wish)
            archive = Archive(found, self._database, self._storage, self._exporter)
            return ZipResponse(
                archive.parts(),
                name=filenames.of_archive(generation_id),
                length=archive.length,
                release=held.pop_all().close,
            )
