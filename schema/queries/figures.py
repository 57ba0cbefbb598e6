"""What happened, counted by user and day (UTC): the one definition of every figure.

Each thing happens once: a generation when it is settled, a picture when its fate is decided, a movement of
credits with its entry. Settling keeps the counts of settled generations in `user_days`, the ledger's trigger
those of credits; questions add what is not kept there, and the audit counts everything again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import reduce
from operator import add

from sqlalchemy import RowMapping, text
from sqlmodel.ext.asyncio.session import AsyncSession

PICTURES = """
    SELECT g.user_id, i.created_at AS at, 'picture ' || i.status AS kind, i.generation_time_ms AS amount,
        0 AS quota, 0 AS returned
    FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id WHERE {where}"""
ENDS = """
    SELECT g.user_id, g.settled_at, 'generation ' || g.status,
        round(extract(epoch FROM g.settled_at - g.created_at) * 1000), g.quota_charged, g.quota_returned
    FROM pose_generations g WHERE {where}"""
MONEY = """
    SELECT c.user_id, c.created_at, c.type, c.amount_credits, 0, 0
    FROM credits c WHERE c.type IN ('charge', 'refund') AND {where}"""

SUMS = {
    **{
        f"generations_{status}": f"count(*) FILTER (WHERE kind = 'generation {status}')"
        for status in ("completed", "partial", "failed", "cancelled")
    },
    **{
        f"pictures_{status}": f"count(*) FILTER (WHERE kind = 'picture {status}')"
        for status in ("completed", "failed", "cancelled")
    },
    "generation_time_ms": "sum(amount) FILTER (WHERE kind = 'picture completed')",
    "duration_ms": "sum(amount) FILTER (WHERE kind LIKE 'generation %' AND kind <> 'generation cancelled')",
    "quota_charged": "sum(quota)",
    "quota_returned": "sum(returned)",
    "credits_charged": "-sum(amount) FILTER (WHERE kind = 'charge')",
    "credits_refunded": "sum(amount) FILTER (WHERE kind = 'refund')",
}
COUNTED = """
    SELECT user_id, (at AT TIME ZONE 'UTC')::date AS day, {sums}
    FROM ({happened}) AS happened GROUP BY 1, 2"""
KEPT = """
    SELECT user_id, day, {columns} FROM user_days WHERE {where}"""

SUMMED = """
    SELECT {by} AS key, {sums} FROM ({counts}) AS counts GROUP BY 1"""


@dataclass(frozen=True)
class Figures:
    """Names and meaning are those of `user_days`."""

    generations_completed: int = 0
    generations_partial: int = 0
    generations_failed: int = 0
    generations_cancelled: int = 0
    pictures_completed: int = 0
    pictures_failed: int = 0
    pictures_cancelled: int = 0
    generation_time_ms: int = 0
    duration_ms: int = 0
    quota_charged: int = 0
    quota_returned: int = 0
    credits_charged: int = 0
    credits_refunded: int = 0

    @classmethod
    def of(cls, row: RowMapping) -> "Figures":
        return cls(**{name: int(row[name]) for name in NAMES})

    @classmethod
    def total(cls, several: Iterable["Figures"]) -> "Figures":
        return reduce(add, several, cls())

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})


NAMES = tuple(field.name for field in fields(Figures))


def counted(*happened: str) -> str:
    sums = ", ".join(f"coalesce({SUMS[name]}, 0)::bigint AS {name}" for name in NAMES)
    return COUNTED.format(sums=sums, happened=" UNION ALL ".join(happened))


def summed(by: str, *counts: str) -> str:
    """Counts of several sources put together, for each `by`."""
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in NAMES)
    return SUMMED.format(by=by, sums=sums, counts=" UNION ALL ".join(counts))


def kept(where: str) -> str:
    return KEPT.format(columns=", ".join(NAMES), where=where)


OF_GENERATION = "g.id = :generation_id"
KEEP = text(
    f"INSERT INTO user_days (user_id, day, {', '.join(NAMES)})"
    f" {counted(PICTURES.format(where=OF_GENERATION), ENDS.format(where=OF_GENERATION))}"
    " ON CONFLICT (user_id, day) DO UPDATE SET"
    f" {', '.join(f'{name} = user_days.{name} + excluded.{name}' for name in NAMES)}"
)


async def keep(session: AsyncSession, generation_id: str) -> None:
    """For a generation that has just been settled, under its user's lock."""
    await session.flush()
    await (await session.connection()).execute(KEEP, {"generation_id": generation_id})
