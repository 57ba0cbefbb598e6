"""What a user may still order in this minute, taken by routes that cost work, and told in their answers.

An order that is refused for whatever is wrong with it takes nothing; nor does a repeat of one that was
placed.
"""

import math
from contextlib import suppress

from sqlmodel.ext.asyncio.session import AsyncSession

from schema.database import Database
from schema.errors import RateLimited, Unavailable
from schema.queries import rate_limits
from schema.queries.rate_limits import Bucket

HEADERS = {
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "The pictures that may be ordered in a minute, as a bucket that fills evenly.",
        "example": '"items";q=600;qu="items";w=60',
    },
    "RateLimit": {
        "schema": {"type": "string"},
        "description": "What is left (`r`), and the seconds until all of it is there again (`t`).",
        "example": '"items";r=550;t=5',
    },
}
"""For the OpenAPI document of routes that take from it."""


class Allowance:
    """Of the user who asks. Draft 11 of the RateLimit fields knows no pictures: `qu` is a word of our own."""

    def __init__(self, database: Database, user_id: str, per_minute: int, headers: dict[str, str]) -> None:
        """`headers` go with the answer, whichever it will be."""
        self._database = database
        self._user_id = user_id
        self._per_minute = per_minute
        self._headers = headers
        self._headers["RateLimit-Policy"] = f'"items";q={per_minute};qu="items";w=60'

    async def take(self, items: int, session: AsyncSession | None = None) -> None:
        """Last in a transaction, which then holds it only if all of it does; without one, in its own."""
        if session is None:
            async with self._database.transaction() as own:
                await self.take(items, own)
            return
        bucket = await rate_limits.take(session, self._user_id, items, self._per_minute)
        self._tell(bucket)
        if not bucket.granted:
            raise _refusal(bucket, items, self._per_minute)

    async def give_back(self, items: int) -> None:
        """Whatever goes wrong here goes wrong in silence: the caller has something to say already."""
        with suppress(Unavailable):
            async with self._database.transaction() as session:
                self._tell(await rate_limits.give_back(session, self._user_id, items, self._per_minute))

    def _tell(self, bucket: Bucket) -> None:
        until_s = bucket.full_in_s if bucket.granted else bucket.wait_s
        self._headers["RateLimit"] = f'"items";r={bucket.left};t={math.ceil(until_s)}'


def _refusal(bucket: Bucket, items: int, per_minute: int) -> RateLimited:
    wait_s = max(1, math.ceil(bucket.wait_s))
    return RateLimited(
        f"Too many pictures in a minute: {items} asked, {bucket.left} of {per_minute} left. "
        f"Try again in {wait_s} s.",
        details={"required": items, "available": bucket.left, "limitPerMinute": per_minute},
        retry_after_s=wait_s,
    )
