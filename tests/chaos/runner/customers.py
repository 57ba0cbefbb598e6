"""Customers with patience: whatever breaks, they ask again as the documents tell them to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from schema.kinds import ItemStatus
from tests.chaos.runner import watch
from tests.chaos.runner.plan import Control, Order
from tests.chaos.runner.records import ENDED, Placed, Records
from tests.integration.front_door import Customer

AGAIN_S, LOOK_EVERY_S = 0.3, 0.5
TOO_MANY: Final = 429
WORDS: Final = "standing with arms crossed, facing the camera"
COLOUR: Final = "#3366AA"
EXPORT_LATER: Final = "linkedin_post"

Ask = Callable[[], Awaitable[httpx.Response]]


class Shopper:
    def __init__(self, customer: Customer, poses: list[str], records: Records) -> None:
        self._customer = customer
        self._poses = poses
        self._records = records

    async def lives(self, order: Order) -> None:
        """With one order: places it, watches it, meddles with it, and wants more of it afterwards."""
        placed = self._note(f"order {order.seed}", f"order-{order.seed}" if order.keyed else None)
        body = _body(self._customer, order, self._poses)
        await asyncio.gather(*(self._place(placed, "/generate", body) for _ in range(1 + order.repeats)))
        if placed.accepted:
            await self._follows(placed.accepted[0], order)
            if placed.key:  # whatever has become of it, it is the same order
                await self._place(placed, "/generate", body)

    async def _follows(self, generation_id: str, order: Order) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watched(generation_id, order.hang_ups))
            if order.control:
                tasks.create_task(self._controlled(generation_id, order.control))
            tasks.create_task(self._ended(generation_id))
        for wish in order.afterwards:
            await {"retry": self._retry, "export": self._export, "background": self._background}[wish](
                generation_id
            )

    def _note(self, what: str, key: str | None) -> Placed:
        placed = Placed(what, self._customer.name, key)
        self._records.placed.append(placed)
        return placed

    async def _place(self, placed: Placed, path: str, body: dict[str, Any] | None) -> None:
        """With a key until it is answered; without one only once, since it could be done twice."""
        headers = {"Idempotency-Key": placed.key} if placed.key else {}

        async def ask() -> httpx.Response:
            return await self._customer.ask("POST", path, json=body, headers=headers)

        placed.unanswered += 1
        reply = await (patiently(ask) if placed.key else _once(ask))
        if reply is None:
            return
        placed.unanswered -= 1
        if reply.status_code == httpx.codes.ACCEPTED:
            placed.accepted.append(reply.json().get("generationId", ""))
            placed.charged_credits = reply.json()["creditCharged"]
        else:
            placed.refused.append(reply.status_code)

    async def _watched(self, generation_id: str, hang_ups: tuple[int, ...] = ()) -> None:
        await watch.follow(self._customer, generation_id, self._records, hang_ups)

    async def _controlled(self, generation_id: str, control: Control) -> None:
        await self._reached(generation_id, control.after_items)
        await self._said(generation_id, control.action)
        if control.action == "pause":
            await asyncio.sleep(control.for_s)
            await self._said(generation_id, "resume")

    async def _said(self, generation_id: str, action: str) -> None:
        await patiently(lambda: self._customer.control(generation_id, action))

    async def _ended(self, generation_id: str) -> None:
        await self._reached(generation_id, None)

    async def _reached(self, generation_id: str, items: int | None) -> None:
        """So many delivered, or its end."""
        while True:
            reply = await patiently(lambda: self._customer.ask("GET", f"/generations/{generation_id}"))
            view = reply.json()["generation"]
            if view["status"] in ENDED or (items is not None and view["posesCompleted"] >= items):
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def _retry(self, generation_id: str) -> None:
        """What failed is ordered again; refused where nothing did."""
        placed = self._note(f"retry of {generation_id}", f"retry-{generation_id}")
        await self._place(placed, f"/generations/{generation_id}/retry", None)
        for again in placed.accepted:
            await self._watched(again)

    async def _export(self, generation_id: str) -> None:
        if item := await self._delivered(generation_id):
            body = {"formatName": EXPORT_LATER}
            await patiently(lambda: self._customer.ask("POST", f"/poses/{item}/regenerate-export", json=body))

    async def _background(self, generation_id: str) -> None:
        if item := await self._delivered(generation_id):
            body = {"backgroundMode": "solid_color", "backgroundColor": COLOUR}
            headers = {"Idempotency-Key": f"background-{item}"}
            await patiently(
                lambda: self._customer.ask("POST", f"/poses/{item}/background", json=body, headers=headers)
            )

    async def _delivered(self, generation_id: str) -> str | None:
        path = f"/generations/{generation_id}/results?status={ItemStatus.COMPLETED}&limit=1"
        found = (await patiently(lambda: self._customer.ask("GET", path))).json()["results"]
        return found[0]["id"] if found else None


async def patiently(ask: Ask) -> httpx.Response:
    """Until there is an answer that is no apology. Who gives up is cancelled from outside."""
    while True:
        reply = await _once(ask)
        if reply is not None:
            return reply
        await asyncio.sleep(AGAIN_S)


async def _once(ask: Ask) -> httpx.Response | None:
    try:
        reply = await ask()
    except httpx.TransportError:
        return None
    return None if reply.is_server_error or reply.status_code == TOO_MANY else reply


def _body(customer: Customer, order: Order, poses: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "projectId": f"proj_{customer.name}",
        "seed": order.seed,
        "outputFormats": order.formats,
    }
    if order.in_words:
        asked = {"generationType": "TEXT_DESCRIPTION", "textPrompt": WORDS, "batchSize": order.poses}
    else:
        chosen = poses[order.first_pose : order.first_pose + order.poses]
        asked = {
            "generationType": "GALLERY_REFERENCE",
            "selectedPoseIds": chosen,
            "batchSize": order.variations,
        }
    return body | asked | _behind(order)


def _behind(order: Order) -> dict[str, Any]:
    if order.background is None:
        return {}
    return {
        "useBackgroundChanger": True,
        "backgroundMode": order.background,
        "backgroundColor": COLOUR,
        "backgroundPrompt": "a beach at dawn",
    }
