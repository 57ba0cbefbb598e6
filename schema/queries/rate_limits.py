"""How many pictures a user may order in a time: one bucket for each user, shared by all API processes.

A bucket holds a minute's worth and fills evenly. A row keeps the moment at which the bucket will be full, so
one statement decides and takes, by the database's clock, and users who are away cost nothing. An order larger
than the bucket passes when the bucket is full, and leaves a debt that later orders wait for.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import prices

MINUTE = timedelta(minutes=1)

# The latest moment that can be true bounds what a clock set back does to anyone.
TAKE = text("""
    INSERT INTO item_buckets AS bucket (user_id, full_at, granted)
    VALUES (:user_id, clock_timestamp() + CAST(:cost AS interval), true)
    ON CONFLICT (user_id) DO UPDATE SET (full_at, granted) = (
        SELECT CASE WHEN fits THEN since + CAST(:cost AS interval) ELSE since END, fits
        FROM (SELECT clock_timestamp() AS at) AS clock,
            LATERAL (
                SELECT least(greatest(bucket.full_at, at), at + CAST(:latest AS interval)) AS since
            ) AS used,
            LATERAL (SELECT since <= at + CAST(:room AS interval) AS fits) AS decision
    )
    RETURNING granted, extract(epoch FROM full_at - clock_timestamp())::float
""")
GIVE_BACK = text("""
    UPDATE item_buckets SET full_at = full_at - CAST(:cost AS interval) WHERE user_id = :user_id
    RETURNING extract(epoch FROM full_at - clock_timestamp())::float
""")


@dataclass(frozen=True)
class Bucket:
    granted: bool
    left: int
    full_in_s: float
    wait_s: float = 0.0
    """Until what was asked for would be granted."""


async def take(session: AsyncSession, user_id: str, items: int, per_minute: int) -> Bucket:
    """Other orders of this user wait until the transaction ends, so take last in it."""
    each = MINUTE / per_minute
    room = each * max(per_minute - items, 0)
    asked = {
        "user_id": user_id,
        "cost": each * items,
        "room": room,
        "latest": each * (per_minute + prices.MAX_ITEMS),
    }
    granted, full_in_s = (await (await session.connection()).execute(TAKE, asked)).one()
    wait_s = 0.0 if granted else max(0.0, full_in_s - room.total_seconds())
    return Bucket(granted, _left(full_in_s, per_minute), max(0.0, full_in_s), wait_s)


async def give_back(session: AsyncSession, user_id: str, items: int, per_minute: int) -> Bucket:
    """Of what was taken before; a crash of the database may have forgotten it."""
    asked = {"user_id": user_id, "cost": MINUTE / per_minute * items}
    full_in_s = (await (await session.connection()).execute(GIVE_BACK, asked)).scalar_one_or_none() or 0.0
    return Bucket(granted=True, left=_left(full_in_s, per_minute), full_in_s=max(0.0, full_in_s))


def _left(full_in_s: float, per_minute: int) -> int:
    used = full_in_s / (MINUTE / per_minute).total_seconds()
    return min(per_minute, max(0, math.floor(per_minute - used)))
