"""A real PostgreSQL for tests, with a migrated template of which each test gets its own copy in 10 ms."""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from adapters.gallery import Gallery
from adapters.storage.local import LocalStorage
from adapters.storage.signing import UrlSigner
from cli import seed
from cli.up import postgres
from schema import migrate
from schema.database import Database

TEMPLATE = "template_migrated"
SEEDED = "template_seeded"
SIDE = 256
"""Small pictures: what is tested with them is not the drawing."""
EMPTY = "template1"
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 << 30


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="posegen-pg-", dir=_memory()) as folder:
        Path(folder).chmod(0o711)  # started by root, the server runs as another user
        home = Path(folder)
        with postgres.start(home / "postgres", fsync=False, log=home / "log") as server:
            with connect(server.url) as admin:
                create(admin, TEMPLATE, EMPTY)
                migrate.upgrade(url_of(server.url, TEMPLATE))
                create(admin, SEEDED, TEMPLATE)
                asyncio.run(_seed(url_of(server.url, SEEDED)))
            yield {"url": server.url}


async def _seed(url: str) -> None:
    """The pose library, once for all tests that want it."""
    database = Database(url)
    with tempfile.TemporaryDirectory() as nothing:
        storage = LocalStorage(Path(nothing), UrlSigner("", "", 1))
        async with database.transaction() as session:
            await seed.put_rows(session, Gallery(storage, width=SIDE, height=SIDE))
    await database.close()


def _memory() -> Path | None:
    """Copying a database of 300 files takes 10 ms there and up to 300 ms on a disk."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ENOUGH_BYTES else None


class Databases:
    """Makes and drops databases on one server, over one connection."""

    def __init__(self, admin_url: str) -> None:
        self._url = admin_url
        self._admin = connect(admin_url)

    @contextmanager
    def fresh(self, template: str = TEMPLATE, name: str = "") -> Iterator[str]:
        """The URL of a database that is gone afterwards, whoever is still connected."""
        name = name or f"test_{uuid.uuid4().hex}"
        create(self._admin, name, template)
        yield url_of(self._url, name)
        self._admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def close(self) -> None:
        self._admin.close()


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)


def create(admin: psycopg.Connection, name: str, template: str) -> None:
    query = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    admin.execute(query.format(Identifier(name), Identifier(template)))


def url_of(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
