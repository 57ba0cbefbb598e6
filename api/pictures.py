"""Library pictures that nobody has looked at before: drawn when first asked for, then kept."""

from adapters.gallery import Gallery
from schema import keys
from schema.database import Database
from schema.queries import library


class LibraryPictures:
    def __init__(self, database: Database, gallery: Gallery) -> None:
        self._database = database
        self._gallery = gallery

    async def draw_if_missing(self, key: str) -> None:
        """Only for keys of the library; others, and poses that are gone, are left alone."""
        if not keys.is_of_library(key) or await self._gallery.has(key):
            return
        async with self._database.transaction() as session:
            keypoints = await library.drawn_as(session, key)
        if keypoints:
            await self._gallery.hang(keypoints)
