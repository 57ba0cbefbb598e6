"""Event streams at the real door: without gaps and repeats, of one generation or all, opened by a ticket."""

import httpx

from tests.integration.front_door import TERMINAL, Customer, Event, ids_of
from tests.integration.shop import Shop


def indices(events: list[Event]) -> list[int]:
    return [event.data["index"] for event in events if event.type == "item"]


async def test_a_stream_resumed_anywhere_has_no_gap_and_no_repeat(ann: Customer, open_shop: Shop) -> None:
    generation = await ann.start(await open_shop.poses(8))
    seen: list[Event] = []
    last_id = None
    while not seen or seen[-1].type not in TERMINAL:
        fresh = 0
        async for event in ann.events(generation, last_id):
            last_id = event.id
            if event.type != "snapshot":
                seen.append(event)
                fresh += 1
            if fresh == 3:
                break
    assert sorted(indices(seen)) == list(range(8)), "each item once"
    numbers = ids_of(seen)
    assert numbers == sorted(set(numbers))
    whole = await ann.followed(generation)
    assert [event.type for event in whole] == ["snapshot", "completed"]
    assert [item["index"] for item in whole[0].data["items"]] != []
    replay = await ann.followed(generation, "0")
    assert sorted(indices(replay)) == list(range(8))
    assert ids_of(replay)[1:] == sorted(set(ids_of(replay)[1:]))


async def test_one_stream_for_all_the_users_generations(ann: Customer, open_shop: Shop) -> None:
    poses = await open_shop.poses(2)
    ended: list[str] = []
    started: list[str] = [await ann.start(poses)]
    async for event in ann.events(""):
        assert event.id.split(":")[0] == event.data["generationId"]
        if event.type == "snapshot" and len(started) < 3:
            started.append(await ann.start(poses))
        if event.type in TERMINAL:
            ended.append(event.data["generationId"])
        if len(ended) == 3:
            break
    assert sorted(ended) == sorted(started)


async def test_a_ticket_opens_its_stream_only(ann: Customer, open_shop: Shop, door: str) -> None:
    generation = await ann.start(await open_shop.poses(1))
    other = await ann.start(await open_shop.poses(1))
    ticket = (await ann.http.post(f"/generations/{generation}/events/ticket")).json()["ticket"]
    async with httpx.AsyncClient(base_url=str(ann.http.base_url)) as bare:
        browser = Customer("browser", bare)
        events = [event async for event in browser.events(generation, ticket=ticket)]
        assert events[-1].type == "completed"
        for path in (f"/generations/{other}/events", "/events", "/credits"):
            assert (await bare.get(path, params={"ticket": ticket})).status_code == 401
        forged = {"Authorization": f"Bearer {ticket}"}
        assert (await bare.get("/credits", headers=forged)).status_code == 401
