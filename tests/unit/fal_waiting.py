"""How a wait for a scripted fal ends: with its picture, with an error, or not at all."""

import asyncio

import pytest

from adapters.providers import Picture
from schema.errors import ItemError
from tests.unit.fal_script import HANDLE, PICTURE, FalScript

DONE = Picture(data=PICTURE, content_type="image/png", seed=77)


async def lost(script: FalScript) -> ItemError:
    with pytest.raises(ItemError) as caught:
        await script.provider().wait(HANDLE)
    return caught.value


async def never_settled(script: FalScript) -> None:
    """Still waiting after many asks: only the caller's deadline ends it."""
    waiting = asyncio.create_task(script.provider().wait(HANDLE))
    while len(script.sleeps_s) < 100:
        assert not waiting.done()
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
