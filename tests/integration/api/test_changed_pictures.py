"""A later background: what is made of the picture meanwhile follows it, and streams show what it is now."""

from collections.abc import Awaitable, Callable

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.background_change import ChangeActivities
from activities.composing import Composer
from adapters.exporter import Exported, Exporter
from api.item_files import export_call
from imaging.matting.cut import cut_out
from schema import ids
from schema.errors import Conflict
from schema.kinds import BackgroundMode
from schema.messages.changes import ApplyChange, ChangeOrder
from schema.messages.orders import Background
from schema.messages.pictures import ExportItem
from schema.queries import background_changes, items
from schema.tables import Generation, Item
from tests.eventually import until
from tests.integration.api.darkroom import Darkroom
from tests.integration.api.streams import watching, whole

Meanwhile = Callable[[], Awaitable[object]]


@pytest.fixture
async def generation(darkroom: Darkroom, poses: list[str]) -> str:
    """One picture that ordered two formats and has one of them so far; it still runs."""
    generation = await darkroom.order(poses[:1], outputFormats=["tiktok", "web"])
    await darkroom.gateway.begin(generation)
    await darkroom.deliver(generation, [0], "tiktok")
    return generation


class Interrupted(Exporter):
    """Something happens once while it makes files."""

    def __init__(self, darkroom: Darkroom, meanwhile: Meanwhile) -> None:
        super().__init__(darkroom.database, darkroom.storage)
        self._meanwhile: Meanwhile | None = meanwhile

    async def store(self, call: ExportItem) -> Exported:
        stored = await super().store(call)
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            await meanwhile()
        return stored


async def charged(darkroom: Darkroom, generation: str) -> ApplyChange:
    wanted = ChangeOrder(
        change_id=ids.background_change_id(),
        user_id="ana",
        generation_id=generation,
        item_id=ids.item_id(generation, 0),
        background=Background(mode=BackgroundMode.SOLID_COLOR, color="#FF00CC"),
        seed=1,
        price_credits=10,
    )
    async with darkroom.database.transaction() as session:
        await background_changes.charge(session, wanted)
    return ApplyChange(change_id=wanted.change_id, user_id="ana", color="#FF00CC")


async def change(darkroom: Darkroom, generation: str, exporter: Exporter | None = None) -> None:
    assert await changing(darkroom, exporter).apply_change(await charged(darkroom, generation))


def changing(darkroom: Darkroom, exporter: Exporter | None = None) -> ChangeActivities:
    database, storage = darkroom.database, darkroom.storage
    composer = Composer(database, storage, cut_out)
    return ChangeActivities(database, storage, exporter or Exporter(database, storage), composer)


async def test_ordered_formats_that_were_not_made_yet_are_made_of_the_new_picture(
    darkroom: Darkroom, generation: str
) -> None:
    first = await darkroom.item(generation)
    await change(darkroom, generation)
    late = await Exporter(darkroom.database, darkroom.storage).make(export_call(first, "tiktok", "web"))
    assert late.superseded
    item = await darkroom.item(generation)
    assert item.image_key != first.image_key
    assert item.exports.keys() == {"tiktok", "web"}
    assert not {file["key"] for file in item.exports.values()} & {file["key"] for file in late.rows.values()}


async def test_a_format_made_while_the_background_changes_follows_it(
    darkroom: Darkroom, generation: str
) -> None:
    old = Exporter(darkroom.database, darkroom.storage)
    first = await darkroom.item(generation)

    async def another_format() -> None:
        made = await old.make(export_call(first, "shopee_product"))
        assert not made.superseded

    await change(darkroom, generation, Interrupted(darkroom, another_format))
    item = await darkroom.item(generation)
    assert item.exports.keys() == {"tiktok", "web", "shopee_product"}
    of_new = await old.store(export_call(item, *item.exports))
    assert item.exports == of_new.rows


async def test_a_format_asked_for_while_the_background_changes_is_made_of_the_new_picture(
    darkroom: Darkroom, generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change ends between the making and the recording of what a user asked for."""
    store, changed = Exporter.store, False

    async def slow(exporter: Exporter, call: ExportItem) -> Exported:
        nonlocal changed
        stored = await store(exporter, call)
        if not changed and call.formats == ("facebook_post",):
            changed = True
            await change(darkroom, generation)
        return stored

    monkeypatch.setattr(Exporter, "store", slow)
    item = await darkroom.item(generation)
    answer = await darkroom.client.post(
        f"/poses/{item.id}/regenerate-export", json={"formatName": "facebook_post"}
    )
    assert (answer.status_code, changed) == (200, True)
    now = await darkroom.item(generation)
    of_new = await store(Exporter(darkroom.database, darkroom.storage), export_call(now, "facebook_post"))
    assert now.exports["facebook_post"] == of_new.rows["facebook_post"]
    assert "facebook_post" in answer.json()["pose"]["exports"]


async def test_an_answer_shows_a_picture_and_its_change_as_they_were_at_one_moment(
    darkroom: Darkroom, generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is charged and ends between the reading of the picture and of its changes."""
    first, owned = await darkroom.item(generation), items.owned

    async def slow(session: AsyncSession, item_id: str, user_id: str) -> tuple[Item, Generation]:
        slowly.undo()
        found = await owned(session, item_id, user_id)
        await change(darkroom, generation)
        return found

    with monkeypatch.context() as slowly:
        slowly.setattr(items, "owned", slow)
        at_once = (await darkroom.client.get(f"/poses/{first.id}")).json()
    assert (at_once["pose"]["originalImageUrl"], at_once["backgroundChange"]) == (None, None)
    later = (await darkroom.client.get(f"/poses/{first.id}")).json()
    assert later["backgroundChange"]["status"] == "completed"
    assert later["pose"]["originalImageUrl"]


@pytest.mark.parametrize("path", ["/generations/{}/events", "/events"])
async def test_a_running_generation_shows_the_picture_as_it_is_now(
    darkroom: Darkroom, generation: str, path: str
) -> None:
    async with watching(darkroom.client, path.format(generation)) as before:
        await until(lambda: bool(before.data("snapshot")))
        await change(darkroom, generation)
        async with watching(darkroom.client, path.format(generation)) as after:
            await until(lambda: bool(after.data("snapshot")))
    (first,), (now,) = (stream.data("snapshot")[0]["items"] for stream in (before, after))
    pose = (await darkroom.client.get(f"/poses/{now['id']}")).json()["pose"]
    for url in ("thumbnailUrl", "outputImageUrl"):
        assert now[url].split("?")[0] == pose[url].split("?")[0] != first[url].split("?")[0]


async def test_a_settled_generation_does_too(darkroom: Darkroom, generation: str) -> None:
    await darkroom.gateway.settle(generation)
    await change(darkroom, generation)
    stream = await whole(darkroom.client, f"/generations/{generation}/events")
    (now,) = stream.data("snapshot")[0]["items"]
    pose = (await darkroom.client.get(f"/poses/{now['id']}")).json()["pose"]
    for url in ("thumbnailUrl", "outputImageUrl"):
        assert now[url].split("?")[0] == pose[url].split("?")[0]


async def test_a_project_is_kept_while_a_background_of_it_changes(
    darkroom: Darkroom, generation: str
) -> None:
    await darkroom.gateway.settle(generation)
    call = await charged(darkroom, generation)
    refused = await darkroom.client.delete(f"/projects/{darkroom.project}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    await changing(darkroom).apply_change(call)
    assert (await darkroom.client.delete(f"/projects/{darkroom.project}")).status_code == 204
    with pytest.raises(Conflict):
        await charged(darkroom, generation)
