"""An upload's row and its object: kills, outages and races leave no row that points at nothing."""

import asyncio

import httpx
import pytest
from sqlmodel import func, select

from adapters.intake import Intake
from adapters.public import PublicClient
from adapters.storage.factory import open_storage
from adapters.storage.local import LocalStorage
from schema.database import Database
from schema.errors import StorageUnavailable
from schema.kinds import Role, UploadPurpose
from schema.queries import uploads, users
from schema.settings import Settings
from schema.tables import Upload
from tests.integration.api.handing_in import error, hand_in, objects, picture, rows
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import empty_place, local_settings, s3_settings


async def test_storage_that_is_away_says_so_and_leaves_no_row(
    ana: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(LocalStorage, "put", away)
    assert error(await hand_in(ana, picture())) == (503, "UNAVAILABLE")
    assert await rows(database) == []


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it runs."""


async def test_killed_between_storing_and_row(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise Killed

    intake = await at_work(database, settings)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "create", killed)
        with pytest.raises(Killed):
            await intake.keep("ana", UploadPurpose.AVATAR, picture())
    assert (await rows(database), len(await objects(settings))) == ([], 1), "an object that nobody knows"
    again = await intake.keep("ana", UploadPurpose.AVATAR, picture())
    assert (again.is_new, again.upload.key in await objects(settings)) == (True, True)


async def test_killed_between_row_and_deletion(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise Killed

    intake = await at_work(database, settings)
    upload = (await intake.keep("ana", UploadPurpose.AVATAR, picture())).upload
    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "delete", killed)
        with pytest.raises(Killed):
            await intake.delete(upload.id, "ana")
    assert (await rows(database), await objects(settings)) == ([], [upload.key])
    again = (await intake.keep("ana", UploadPurpose.AVATAR, picture())).upload
    assert again.key != upload.key
    assert again.key in await objects(settings)


async def at_work(database: Database, settings: Settings) -> Intake:
    async with database.transaction() as session:
        await users.ensure(session, "ana", Role.USER, 0)
    return Intake(database, open_storage(settings), PublicClient(allow_loopback=True))


async def test_deleting_and_handing_in_at_once(
    ana: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    """Whatever comes first, no row is left that points at nothing."""
    for _ in range(5):
        upload = (await hand_in(ana, picture())).json()["upload"]
        await asyncio.gather(
            ana.delete(f"/uploads/{upload['id']}"), *(hand_in(ana, picture()) for _ in range(4))
        )
        assert {row.key for row in await rows(database)} <= set(await objects(settings))


@pytest.mark.parametrize("where", ["local", "s3"])
async def test_in_both_storages(
    where: str, database: Database, settings: Settings, s3_server: S3Endpoint
) -> None:
    values = s3_settings(s3_server) if where == "s3" else local_settings(settings.storage_local_path)
    await at_work(database, settings)
    async with empty_place(values) as place:
        intake = Intake(database, place.storage, PublicClient(allow_loopback=True))
        upload = (await intake.keep("ana", UploadPurpose.BACKGROUND, picture())).upload
        seen = await place.http.get(place.storage.url(upload.key))
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
        assert len(seen.content) == upload.size_bytes
        await intake.delete(upload.id, "ana")
        assert await place.storage.stat(upload.key) is None
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Upload)) == 0
