"""Every delivered picture is there, whole; and nothing is kept that belongs to none."""

from collections.abc import Iterator
from typing import Final

from schema.kinds import ItemStatus
from schema.tables import Item
from tests.chaos.runner.facts import Facts
from tests.servers.up import SIDE

THUMBNAIL: Final = (400, 400)
WHOLE: Final = ("backdrops/", "mattes/")
"""Kept as long as whatever they were made for."""


def delivered_are_whole(facts: Facts) -> Iterator[str]:
    for item in facts.items:
        if item.status == ItemStatus.COMPLETED:
            for key, pixels in _pictures(item):
                found = facts.files.get(key)
                if found is None or found.pixels != pixels:
                    yield f"{item.id}: {key} should be a picture of {pixels}, is {found}"
            yield from _broken_exports(facts, item)


def formats_are_complete(facts: Facts) -> Iterator[str]:
    for item in facts.items:
        ordered = set(facts.generations[item.generation_id].output_formats)
        if item.status == ItemStatus.COMPLETED and (missing := ordered - item.exports.keys()):
            yield f"{item.id} lacks {sorted(missing)}"


def nothing_is_left_over(facts: Facts) -> Iterator[str]:
    named = {key for item in facts.items for key in _named(item)}
    for change in facts.changes:
        named |= {change.before_image_key, change.image_key or ""}
    owners = facts.generations.keys() | {change.id for change in facts.changes}
    for key in facts.files.keys() - named:
        owner = key.rpartition("/")[2].partition(".")[0]
        if not (key.startswith(WHOLE) and owner in owners):
            yield f"{key} belongs to nothing"


def _pictures(item: Item) -> Iterator[tuple[str, tuple[int, int]]]:
    yield item.image_key or "no picture", (SIDE, SIDE)
    yield item.thumbnail_key or "no thumbnail", THUMBNAIL
    if item.original_image_key:
        yield item.original_image_key, (SIDE, SIDE)


def _named(item: Item) -> Iterator[str]:
    yield from filter(None, (item.image_key, item.thumbnail_key, item.original_image_key))
    yield from (export["key"] for export in item.exports.values())


def _broken_exports(facts: Facts, item: Item) -> Iterator[str]:
    for name, export in item.exports.items():
        found = facts.files.get(export["key"])
        wanted = export["sha256"], export["bytes"], (export["width"], export["height"])
        if found is None or (found.sha256, found.size, found.pixels) != wanted:
            yield f"{item.id}: the export {name} should be {wanted}, is {found}"
