"""Objects without a use go a grace time after they were first seen so; what anything refers to never goes."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.reconcile import Sweep
from adapters.storage import Storage
from schema import keys
from schema.database import Database
from schema.kinds import UploadPurpose
from schema.messages.orders import GenerationInput
from schema.queries import delivery, leftovers
from schema.reconciling import SweepObjects, SweptObjects
from schema.tables import Upload
from tests.clock import Clock
from tests.integration.storages import names
from tests.orders import (
    change_order,
    charge,
    charge_change,
    complete_change,
    deliver,
    open_shop,
    order,
    refund_change,
    settle,
    sql,
    stored,
)
from tests.servers.storage import Place, empty_place, local_settings, s3_settings

DAY = timedelta(days=1)


@pytest.fixture(params=["local", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    server = request.getfixturevalue("s3_server") if request.param == "s3" else None
    async with empty_place(local_settings(tmp_path) if server is None else s3_settings(server)) as place:
        yield place


@pytest.fixture
def storage(place: Place) -> Storage:
    return place.storage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, datetime.now(UTC))


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", credits_each=1000)
    return database


async def put(storage: Storage, *object_keys: str) -> None:
    for key in object_keys:
        await storage.put(key, b"picture")


async def sweep(shop: Database, storage: Storage, **how: object) -> SweptObjects:
    return await Sweep(shop, storage, SweepObjects.model_validate(how)).run()


async def sweeps(shop: Database, storage: Storage, clock: Clock, days: int = 3) -> int:
    """How many went, with a sweep every other day."""
    gone = 0
    for _ in range(days):
        clock.at += DAY + timedelta(minutes=1)
        gone += (await sweep(shop, storage)).deleted
    return gone


async def delivered(shop: Database, index: int = 0, items: int = 2) -> GenerationInput:
    """With its real keys, and an export."""
    of = order(items)
    await charge(shop, of)
    image, small, original = _keys(of, index)
    async with shop.transaction() as session:
        await delivery.deliver(session, stored(of, index), image, small, None, original_key=original)
        await delivery.record_exports(
            session, stored(of, index).item_id, image, {"web": {"key": _export(of)}}
        )
    return of


def _keys(of: GenerationInput, index: int) -> tuple[str, str, str]:
    item_id = stored(of, index).item_id
    generation = of.generation_id
    return (
        keys.picture(generation, item_id),
        keys.thumbnail(generation, item_id),
        keys.original(generation, item_id, "png"),
    )


def _export(of: GenerationInput, sha256: str = "0123456789abcdef") -> str:
    return keys.export(of.generation_id, stored(of, 0).item_id, "web", sha256, "webp")


async def test_an_orphan_goes_a_grace_time_after_it_was_seen(
    shop: Database, storage: Storage, clock: Clock
) -> None:
    of = await delivered(shop)
    await settle(shop, of)
    used, replaced = _export(of), _export(of, "fedcba9876543210")
    await put(storage, used, replaced)
    assert (await sweep(shop, storage)).orphans == 0, "too young to be looked at"
    clock.at += DAY + timedelta(minutes=1)
    for hours in (0, 12, 11):
        clock.at += timedelta(hours=hours)
        swept = await sweep(shop, storage)
        assert (swept.seen, swept.orphans, swept.deleted) == (2, 1, 0), "whoever has its address may open it"
    clock.at += timedelta(hours=1)
    swept = await sweep(shop, storage)
    assert (swept.orphans, swept.deleted, swept.deleted_bytes) == (0, 1, len(b"picture"))
    assert await names(storage) == [used]
    assert await sql(shop, "SELECT key FROM storage_orphans") == []


async def test_what_a_row_names_never_goes(shop: Database, storage: Storage, clock: Clock) -> None:
    of = await delivered(shop)
    await settle(shop, of)
    wanted = change_order(of)
    await charge_change(shop, wanted)
    await complete_change(shop, wanted)
    upload = Upload(
        id="file_1", user_id="ani", purpose=UploadPurpose.AVATAR, sha256="a", width=1, height=1, size_bytes=1
    )
    async with shop.transaction() as session:
        session.add(upload)
    image, _, original = _keys(of, 0)
    kept = [
        image,
        original,
        upload.key,
        keys.backdrop(of.generation_id, "png"),
        keys.backdrop(wanted.change_id, "png"),
        "controlnet/aa.png",
        "library/preview/aa.webp",
        "something/else.txt",
        "alone.png",
    ]
    await put(storage, *kept)
    assert await sweeps(shop, storage, clock) == 0
    assert await names(storage) == sorted(kept)


async def test_what_belongs_to_nothing_goes(shop: Database, storage: Storage, clock: Clock) -> None:
    of = await delivered(shop)
    await settle(shop, of)
    undelivered = _keys(of, 1)
    left = [
        *undelivered,
        keys.staged(of.generation_id, stored(of, 0).item_id, 7),
        keys.upload("ani", "file_gone"),
        keys.backdrop("gen_gone", "png"),
        "generated/gen_gone/item_gone_000.png",
        "thumbnails/gen_gone/item_gone_000.jpg",
        "exports/gen_gone/item_gone_000/web-0123456789ab.webp",
    ]
    await put(storage, *left, *_keys(of, 0))
    assert await sweeps(shop, storage, clock) == len(left)
    assert await names(storage) == sorted(_keys(of, 0))


async def test_what_still_runs_keeps_everything(shop: Database, storage: Storage, clock: Clock) -> None:
    """However long its workers have been away."""
    running, changing = await delivered(shop), await delivered(shop)
    await settle(shop, changing)
    wanted = change_order(changing)
    await charge_change(shop, wanted)
    of_change = [
        *keys.changed(changing.generation_id, wanted.item_id, wanted.change_id),
        keys.staged(wanted.change_id, "backdrop", 7),
        keys.backdrop(wanted.change_id, "png"),
    ]
    staged = keys.staged(running.generation_id, stored(running, 1).item_id, 7)
    await put(storage, *_keys(running, 1), staged, *of_change)
    assert await sweeps(shop, storage, clock) == 0
    await settle(shop, running)
    await refund_change(shop, wanted)
    assert await sweeps(shop, storage, clock) == 3 + 1 + 2 + 1
    assert await names(storage) == [keys.backdrop(wanted.change_id, "png")]


async def test_what_is_used_again_loses_its_mark(shop: Database, storage: Storage, clock: Clock) -> None:
    of = await delivered(shop)
    await settle(shop, of)
    again = _export(of, "fedcba9876543210")
    await put(storage, again)
    clock.at += DAY + timedelta(minutes=1)
    assert (await sweep(shop, storage)).orphans == 1
    async with shop.transaction() as session:
        image, _, _ = _keys(of, 0)
        made = {"web": {"key": again}}
        await delivery.record_exports(session, stored(of, 0).item_id, image, made)
    assert await sweeps(shop, storage, clock) == 0
    assert await names(storage) == [again]


@pytest.mark.parametrize("place", ["local"], indirect=True)  # a bucket's times cannot be set
async def test_what_was_written_anew_is_not_deleted(shop: Database, place: Place, clock: Clock) -> None:
    """Somebody is about to say that it is in use."""
    key = "generated/gen_gone/item_gone_000.png"
    path = Path(place.settings["storage_local_path"]) / key
    await put(place.storage, key)
    old = clock.at.timestamp() - 3 * 86_400
    os.utime(path, (old, old))
    assert (await sweep(shop, place.storage)).orphans == 1
    await put(place.storage, key)
    clock.at += timedelta(hours=23)
    assert (await sweep(shop, place.storage)).deleted == 0
    assert await names(place.storage) == [key]


async def test_a_sweep_goes_on_where_the_last_one_stopped(
    shop: Database, storage: Storage, clock: Clock
) -> None:
    left = [f"generated/gen_{n % 7}/item_{n:03d}.png" for n in range(50)]
    await put(storage, *left)
    clock.at += DAY + timedelta(minutes=1)
    after, seen = "", []
    while True:
        swept = await sweep(shop, storage, after=after, most=8)
        seen.append(swept.seen)
        if swept.after is None:
            break
        after = swept.after
    assert seen == [8] * 6 + [2]
    clock.at += DAY
    assert (await sweep(shop, storage)).deleted == 50


async def test_sweeps_at_once_do_no_harm(shop: Database, storage: Storage, clock: Clock) -> None:
    """A mark that one writes after another has deleted the object goes with the rows that are over."""
    await put(storage, *(f"staging/gen_gone/item_{n}" for n in range(40)))
    clock.at += DAY + timedelta(minutes=1)
    await asyncio.gather(*(sweep(shop, storage) for _ in range(3)))
    clock.at += DAY
    await asyncio.gather(*(sweep(shop, storage) for _ in range(3)))
    assert await names(storage) == []


async def test_rows_that_are_over_go(shop: Database) -> None:
    of = order(1)
    await charge(shop, of)
    await deliver(shop, of, 0)
    await settle(shop, of)
    await sql(
        shop,
        """
        INSERT INTO item_buckets (user_id, full_at, granted) VALUES ('ani', now() - interval '2 hours', true);
        INSERT INTO webhook_secrets (user_id, sealed, hint, created_at, expires_at)
        VALUES ('ani', 's', 'h', now(), now() - interval '1 minute'), ('ani', 's', 'h', now(), NULL);
        INSERT INTO idempotency_keys (user_id, key, request_hash, generation_id, created_at)
        VALUES ('ani', 'old', 'h', 'gen_1', now() - interval '31 days'), ('ani', 'new', 'h', 'gen_2', now());
        INSERT INTO storage_orphans (key, found_at)
        VALUES ('a', now() - interval '31 days'), ('b', now() - interval '1 day');
        """,
    )
    share = """
        INSERT INTO shares (id, generation_id, token_hash, item_ids, allow_download, expires_at, created_at)
        VALUES (:id, :of, :id, ARRAY['x'], true, now() + CAST(:left AS interval), now() - interval '2 days')
    """
    for share_id, left in (("over", timedelta(hours=-1)), ("open", timedelta(hours=1))):
        await sql(shop, share, id=share_id, of=of.generation_id, left=left)
    async with shop.transaction() as session:
        gone = await leftovers.sweep(session, 10)
    assert gone == dict.fromkeys(leftovers.OVER, 1)
    assert await sql(shop, "SELECT key FROM idempotency_keys") == [("new",)]
    assert await sql(shop, "SELECT id FROM shares") == [("open",)]
    assert await sql(shop, "SELECT key FROM storage_orphans") == [("b",)]
    assert await sql(shop, "SELECT count(*) FROM webhook_secrets") == [(1,)]
