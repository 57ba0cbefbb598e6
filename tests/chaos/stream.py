"""A client that holds on to a generation's event stream, and what it must have been told."""

from functools import partial
from itertools import pairwise

import httpx

from tests.eventually import eventually
from tests.integration.front_door import TERMINAL, Customer, Event

Connections = list[list[Event]]


async def watched(customer: Customer, generation_id: str) -> Connections:
    """What came over each connection, until the server ended the stream after its last event."""
    connections: Connections = []
    while not connections or connections[-1][-1].type not in TERMINAL:
        heard: list[Event] = []
        try:
            last_id = connections[-1][-1].id if connections else None
            async for event in customer.events(generation_id, last_id):
                if not heard:
                    connections.append(heard)
                heard.append(event)
        except httpx.TransportError:
            await eventually(partial(_is_open, customer), bool)
    return connections


async def _is_open(customer: Customer) -> bool:
    try:
        return (await customer.ask("GET", "/credits")).is_success
    except httpx.TransportError:
        return False


def tell_everything_once(connections: Connections, items: int) -> None:
    assert all(heard[0].type == "snapshot" for heard in connections)
    for before, after in pairwise(connections):
        assert after[0].id == before[-1].id, "it goes on where the client was"
    told = [event for heard in connections for event in heard[1:]]
    numbers = [int(event.id) for event in told]
    assert numbers == sorted(set(numbers)), "ids rise and none comes again"
    assert sorted(event.data["index"] for event in told if event.type == "item") == list(range(items))
    assert [event.type for event in told if event.type in TERMINAL] == ["completed"]
    assert told[-1].type == "completed"
