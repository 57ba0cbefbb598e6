"""Public links: they show their pictures and nothing else, to whoever holds them, as long as they hold."""

import asyncio
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from PIL import Image

from api.app import PREFIX
from tests.integration.api.conftest import BOTH_STORAGES, Clients
from tests.integration.api.darkroom import Darkroom
from tests.orders import sql

pytestmark = BOTH_STORAGES


@pytest.fixture
async def generation(darkroom: Darkroom, poses: list[str]) -> str:
    """Three of four pictures delivered."""
    generation = await darkroom.order(
        [*poses[:2]], batchSize=2, prompt="in a secret batik shirt", seed=424242
    )
    await darkroom.deliver(generation, (0, 2, 3))
    await darkroom.gateway.fail(generation, 1)
    return generation


async def shared(darkroom: Darkroom, generation: str, **order: Any) -> dict[str, Any]:
    answer = await darkroom.client.post(f"/generations/{generation}/share", json=order)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def look(darkroom: Darkroom, token: str) -> httpx.Response:
    return await darkroom.anyone.get(f"{PREFIX}/shared/{token}")


async def seen(darkroom: Darkroom, token: str) -> dict[str, Any]:
    answer = await look(darkroom, token)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_link_shows_its_pictures_without_a_token(darkroom: Darkroom, generation: str) -> None:
    made = await shared(darkroom, generation)
    assert made["url"] == f"http://127.0.0.1:8000/shared/{made['token']}"
    found = await seen(darkroom, made["token"])
    assert [picture["number"] for picture in found["pictures"]] == [1, 2, 3]
    items = [item for item in await darkroom.items(generation) if item.image_key]
    for picture, item in zip(found["pictures"], items, strict=True):
        got = await darkroom.open(picture["url"])
        assert got.content == await darkroom.storage.get(str(item.image_key))
        assert "Content-Disposition" not in got.headers
        small = await darkroom.open(picture["thumbnailUrl"])
        assert Image.open(BytesIO(small.content)).size == (400, 400)


async def test_it_tells_nothing_else(darkroom: Darkroom, generation: str, project: str) -> None:
    made = await shared(darkroom, generation)
    answer = await look(darkroom, made["token"])
    assert set(answer.json()) == {"pictures", "allowDownload", "expiresAt"}
    assert {name for picture in answer.json()["pictures"] for name in picture} == {
        "number",
        "url",
        "thumbnailUrl",
        "downloadUrl",
    }
    for secret in ("secret batik", "a prompt", "424242", "ana", project, "pose_arms", "Arms crossed", "flux"):
        assert secret not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_the_link_is_unguessable_and_kept_nowhere(darkroom: Darkroom, generation: str) -> None:
    made = [await shared(darkroom, generation) for _ in range(3)]
    tokens = {share["token"] for share in made}
    assert len(tokens) == 3
    assert all(len(urlsafe_b64decode(token)) * 8 >= 128 for token in tokens)
    rows = str(await sql(darkroom.database, "SELECT to_jsonb(shares)::text FROM shares"))
    listed = (await darkroom.client.get(f"/generations/{generation}/shares")).text
    for token in tokens:
        assert token not in rows
        assert token not in listed


async def test_pictures_can_be_chosen_and_later_ones_do_not_come_in(
    darkroom: Darkroom, poses: list[str]
) -> None:
    generation = await darkroom.order(poses)
    await darkroom.deliver(generation, (0, 1))
    first, second = [item.id for item in await darkroom.items(generation)]
    both = await shared(darkroom, generation, itemIds=[second, first, second])
    one = await shared(darkroom, generation, itemIds=[second])
    everything = await shared(darkroom, generation)
    await darkroom.deliver(generation, (2,))
    assert both["share"]["itemIds"] == everything["share"]["itemIds"] == [first, second]
    for share, count in ((both, 2), (one, 1), (everything, 2)):
        assert len((await seen(darkroom, share["token"]))["pictures"]) == count


async def test_downloads_are_offered_when_allowed(darkroom: Darkroom, generation: str) -> None:
    closed = await seen(darkroom, (await shared(darkroom, generation))["token"])
    assert {picture["downloadUrl"] for picture in closed["pictures"]} == {None}
    opened = await seen(darkroom, (await shared(darkroom, generation, allowDownload=True))["token"])
    got = await darkroom.open(opened["pictures"][1]["downloadUrl"])
    assert (got.status_code, got.headers["Content-Disposition"]) == (
        200,
        'attachment; filename="picture-2.png"',
    )


def end_of(url: str) -> datetime:
    """When a signed URL ends, as its query says."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if "exp" in query:
        return datetime.fromtimestamp(int(query["exp"]), UTC)
    signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed_at + timedelta(seconds=int(query["X-Amz-Expires"]))


async def test_pictures_end_with_the_link_at_the_latest(darkroom: Darkroom, generation: str) -> None:
    made = await shared(darkroom, generation, expiresInHours=1, allowDownload=True)
    ends_at = datetime.fromisoformat(made["share"]["expiresAt"])
    assert timedelta(minutes=59) < ends_at - datetime.now(UTC) <= timedelta(hours=1)
    for picture in (await seen(darkroom, made["token"]))["pictures"]:
        for name in ("url", "thumbnailUrl", "downloadUrl"):
            assert end_of(picture[name]) <= ends_at
    week = await shared(darkroom, generation)
    left = datetime.fromisoformat(week["share"]["expiresAt"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


async def test_unknown_expired_and_revoked_links_answer_alike(darkroom: Darkroom, generation: str) -> None:
    revoked, expired = [await shared(darkroom, generation) for _ in range(2)]
    path = f"/generations/{generation}/share"
    assert (await darkroom.client.delete(f"{path}/{revoked['share']['id']}")).status_code == 204
    assert (await seen(darkroom, expired["token"]))["pictures"], "one revoked, the other works"
    await sql(
        darkroom.database,
        "UPDATE shares SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 second'",
    )
    answers = [
        await look(darkroom, token)
        for token in (
            revoked["token"],
            expired["token"],
            "A" * 32,
            "x" * 5000,
            "%F0%9F%99%82",
            revoked["share"]["id"],
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert (await darkroom.client.get(f"{path}s")).json() == {"shares": []}


async def test_links_are_listed_and_revoked_all_at_once(darkroom: Darkroom, generation: str) -> None:
    made = [await shared(darkroom, generation) for _ in range(3)]
    path = f"/generations/{generation}/share"
    listed = (await darkroom.client.get(f"{path}s")).json()["shares"]
    assert listed == [share["share"] for share in reversed(made)]
    for _ in range(2):
        assert (await darkroom.client.delete(path)).status_code == 204
    assert {(await look(darkroom, share["token"])).status_code for share in made} == {404}
    again = await darkroom.client.delete(f"{path}/{made[0]['share']['id']}")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_strangers_make_see_and_revoke_nothing(
    darkroom: Darkroom, as_user: Clients, generation: str, poses: list[str]
) -> None:
    made, ben = await shared(darkroom, generation), as_user("ben")
    other = await darkroom.order(poses)
    path, share_id = f"/generations/{generation}/share", made["share"]["id"]
    for answer in (
        await ben.post(path),
        await ben.get(f"{path}s"),
        await ben.delete(path),
        await ben.delete(f"{path}/{share_id}"),
        await darkroom.client.delete(f"/generations/{other}/share/{share_id}"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert (await darkroom.anyone.post(f"{PREFIX}{path}")).status_code == 401
    assert (await seen(darkroom, made["token"]))["pictures"]


async def test_what_cannot_be_shared(darkroom: Darkroom, generation: str, poses: list[str]) -> None:
    empty = await darkroom.order(poses)
    failed = (await darkroom.items(generation))[1]
    other = await darkroom.order(poses)
    await darkroom.deliver(other, (0,))
    for asked, order, status in (
        (empty, {}, 409),
        (generation, {"itemIds": [failed.id]}, 400),
        (generation, {"itemIds": [(await darkroom.item(other)).id]}, 400),
        (generation, {"itemIds": ["item_nowhere"]}, 400),
        (generation, {"itemIds": []}, 400),
        (generation, {"itemIds": ["x"] * 501}, 400),
        (generation, {"expiresInHours": 0}, 400),
        (generation, {"expiresInHours": 90 * 24 + 1}, 400),
    ):
        answer = await darkroom.client.post(f"/generations/{asked}/share", json=order)
        assert answer.status_code == status, (order, answer.text)
    assert await sql(darkroom.database, "SELECT id FROM shares") == []


async def test_a_generation_has_a_bounded_number_of_links(darkroom: Darkroom, generation: str) -> None:
    path = f"/generations/{generation}/share"
    made = await asyncio.gather(*(darkroom.client.post(path) for _ in range(53)))
    assert sorted(answer.status_code for answer in made) == [201] * 50 + [409] * 3
    await sql(
        darkroom.database,
        "UPDATE shares SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' "
        "WHERE id = (SELECT min(id) FROM shares)",
    )
    assert (await darkroom.client.post(path)).status_code == 201, "an expired one makes room"
