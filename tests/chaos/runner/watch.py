"""Clients of the event streams that come back with the last id they heard, and one who watches all ends."""

import asyncio
from contextlib import aclosing
from typing import Final

import httpx

from tests.chaos.runner.records import Connection, Records, Stream
from tests.integration.front_door import TERMINAL, Customer

BACK_AFTER_S, LOOK_EVERY_S = 0.2, 1.0
PAGE: Final = 100


async def follow(
    customer: Customer, generation_id: str, records: Records, hang_ups: tuple[int, ...] = ()
) -> None:
    """One generation to its end; all of the customer's without an id, until cancelled.

    After as many events as each of `hang_ups` says, the client leaves of its own accord.
    """
    stream = Stream(generation_id, customer.name)
    records.streams.append(stream)
    leaving = list(hang_ups)
    while not _over(stream):
        try:
            await _listen(customer, stream, leaving.pop(0) if leaving else None)
        except (httpx.TransportError, httpx.HTTPStatusError):
            await asyncio.sleep(BACK_AFTER_S)


async def _listen(customer: Customer, stream: Stream, most: int | None) -> None:
    connection = Connection(stream.last_id)
    async with aclosing(customer.events(stream.generation_id, connection.last_id)) as events:
        async for event in events:
            if not connection.events:
                stream.connections.append(connection)
            connection.events.append(event)
            if len(connection.events) == most:
                return


def _over(stream: Stream) -> bool:
    heard = stream.connections[-1].events if stream.connections else []
    return bool(stream.generation_id and heard and heard[-1].type in TERMINAL)


async def watch_ends(customer: Customer, records: Records) -> None:
    """Of the customer's newest generations, until cancelled."""
    while True:
        try:
            reply = await customer.ask("GET", f"/generations?limit={PAGE}")
        except httpx.TransportError:
            reply = None
        if reply is not None and reply.is_success:
            for view in reply.json()["generations"]:
                records.ends.look(view)
        await asyncio.sleep(LOOK_EVERY_S)
