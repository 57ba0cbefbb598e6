"""Whoever watched misses nothing and heard nothing twice, however often the line broke."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schema.kinds import ItemStatus
from tests.chaos.runner.facts import Facts
from tests.chaos.runner.records import Connection, Stream
from tests.integration.front_door import TERMINAL, Event


@dataclass
class Picture:
    """What a client knows of one generation."""

    position: int = -1
    items: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    """By an event of their own, over all connections."""
    guessed: bool = False
    """A snapshot from the books cannot say as of when it is."""
    ends: int = 0


def streams_are_gapless(facts: Facts) -> Iterator[str]:
    for stream in facts.records.streams:
        where = f"stream of {stream.generation_id or stream.customer}"
        known: dict[str, Picture] = {}
        for number, connection in enumerate(stream.connections):
            for problem in _heard(stream, connection, known):
                yield f"{where}, connection {number + 1}: {problem}"
        for problem in _at_the_end(facts, stream, known):
            yield f"{where}: {problem}"


def _heard(stream: Stream, connection: Connection, known: dict[str, Picture]) -> Iterator[str]:
    """A customer's stream goes on with one generation; of all others that it tells again, it tells all."""
    new = set[str]()
    for event in connection.events:
        generation_id, _, number = event.id.rpartition(":")
        generation_id = generation_id or stream.generation_id
        picture = known.setdefault(generation_id, Picture())
        if event.type == "snapshot":
            if generation_id in new:
                yield f"a second snapshot of {generation_id}"
            new.add(generation_id)
            resumed = connection.last_id == event.id and picture.position >= 0
            if not (resumed or stream.generation_id):
                picture = known[generation_id] = Picture()
            yield from _snapshot(picture, event, int(number), resumed=resumed)
        elif generation_id not in new:
            yield f"{event.type} {event.id} before any snapshot"
        else:
            yield from _news(picture, event, int(number))


def _snapshot(picture: Picture, event: Event, number: int, *, resumed: bool) -> Iterator[str]:
    """Where it goes on, it is as of where the client was. Of cancelled items no event tells."""
    items = {item["index"] for item in event.data["items"] if item["status"] != ItemStatus.CANCELLED}
    if picture.position >= 0 and not resumed:
        yield f"went on from {picture.position} with {number}"
    if resumed and not picture.guessed and not event.data["stale"] and items != picture.items:
        yield f"{event.id} shows items {sorted(items)}, the client had {sorted(picture.items)}"
    picture.guessed = event.data["stale"] or (resumed and picture.guessed)
    picture.position, picture.items = number, items


def _news(picture: Picture, event: Event, number: int) -> Iterator[str]:
    if number <= picture.position:
        yield f"{event.type} {event.id} after {picture.position}"
    if picture.ends:
        yield f"{event.type} {event.id} after the end"
    picture.position = number
    if event.type == "item":
        index = event.data["index"]
        if index in picture.items or index in picture.told:
            yield f"item {index} again, in {event.id}"
        picture.items.add(index)
        picture.told.add(index)
    picture.ends += event.type in TERMINAL


def _at_the_end(facts: Facts, stream: Stream, known: dict[str, Picture]) -> Iterator[str]:
    mine = {row.id for row in facts.generations.values() if row.user_id == stream.customer}
    for generation_id in ({stream.generation_id} if stream.generation_id else mine) - known.keys():
        yield f"nothing was ever heard of {generation_id}"
    for generation_id, picture in known.items():
        rows = facts.items_of(generation_id)
        if picture.ends != 1:
            yield f"{picture.ends} ends of {generation_id}"
        due = {row.index for row in rows if row.status != ItemStatus.CANCELLED}
        if due - picture.items:
            yield f"was never told of {_numbers(due - picture.items)} of {generation_id}"


def _numbers(items: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(items)))
