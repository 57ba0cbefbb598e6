"""Some weeks of business of every kind, drawn by lot, and its figures worked out from the raw rows in Python.

Nothing of `schema.queries` computes here: what the service says is held against this.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from schema.database import Database
from schema.kinds import GenerationStatus, GenerationType
from schema.messages.orders import GenerationInput, PosePick
from schema.queries import planning, users
from schema.queries.delivery import CANCELLED
from schema.tables import Pose
from tests.clock import Clock
from tests.orders import KEYPOINTS, POSES, charge, deliver, open_shop, order, refund, settle, sql

NOW = datetime(2026, 11, 25, 13, 37, 11, 250_000, tzinfo=UTC)
USERS = ("ani", "budi", "citra")
"""Budi pays with quota."""
CODES = ("BAD_IMAGE", "PROVIDER_TIMEOUT", "OUTPUT_MODERATED", "PROVIDER_REJECTED")
RUNNING = (GenerationStatus.PROCESSING, GenerationStatus.PAUSED)
ENDS = (None, None, CANCELLED, "PROVIDER_ACCOUNT")
DAYS = 45


async def open_business(database: Database) -> None:
    await open_shop(database, *USERS, credits_each=100_000)
    async with database.transaction() as session:
        await users.set_unlimited(session, "budi", active=True, daily_quota_items=100_000)
        session.add_all(
            Pose(
                id=f"pose_of_{user}",
                name=f"Secret of {user}",
                description="own",
                project_id=f"proj_{user}",
                is_public=False,
                keypoints=KEYPOINTS,
            )
            for user in USERS
        )


async def do_business(database: Database, clock: Clock, seed: int, generations: int = 40) -> None:
    """Ends with the clock at NOW."""
    lots = random.Random(seed)
    moments = sorted(_moment(lots) for _ in range(generations))
    for began in moments:
        await _one(database, clock, lots, began)
    clock.at = NOW


def _moment(lots: random.Random) -> datetime:
    """Now and then exactly at midnight, or just before it."""
    at = NOW - timedelta(seconds=lots.randrange(60, DAYS * 86_400))
    edge = lots.randrange(6)
    if edge < 2:
        at = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(microseconds=edge)
    return at


async def _one(database: Database, clock: Clock, lots: random.Random, began: datetime) -> None:
    clock.at = began
    of = _order(lots)
    await charge(database, of)
    for index in range(of.total_items):
        clock.at = min(NOW, clock.at + timedelta(seconds=lots.randrange(60)))
        if lots.random() < 0.75:
            await deliver(database, of, index, duration_ms=lots.randrange(900, 30_000))
        elif lots.random() < 0.7:
            await refund(database, of, index, lots.choice(CODES), provider=lots.choice(("fal", None)))
    clock.at = min(NOW, clock.at + timedelta(seconds=lots.randrange(7200)))
    if lots.random() < 0.85:
        await settle(database, of, lots.choice(ENDS))
    elif lots.random() < 0.7:
        async with database.transaction() as session:
            await planning.note_status(session, of.generation_id, lots.choice(RUNNING))


def _order(lots: random.Random) -> GenerationInput:
    user = lots.choice(USERS)
    if lots.random() < 0.2:
        picks: tuple[PosePick, ...] = (PosePick(pose_id=None, variations=lots.randint(1, 4)),)
        kind = GenerationType.TEXT_DESCRIPTION
    else:
        poses = lots.sample([*POSES, f"pose_of_{user}"], lots.randint(1, 4))
        picks = tuple(PosePick(pose_id=pose, variations=lots.randint(1, 3)) for pose in poses)
        kind = GenerationType.GALLERY_REFERENCE
    price = lots.choice((30, 40))
    return order(user=user, price=price, picks=picks, generation_type=kind, text_prompt="standing")


Row = dict[str, Any]
When = Callable[[datetime], bool]


@dataclass(frozen=True)
class Books:
    """All rows as they are."""

    generations: Sequence[Row]
    items: Sequence[Row]
    entries: Sequence[Row]

    @classmethod
    async def read(cls, database: Database) -> "Books":
        generations = await _rows(database, "pose_generations")
        owners = {row["id"]: row["user_id"] for row in generations}
        items = await _rows(database, "generated_poses")
        items = [row | {"user_id": owners[row["generation_id"]]} for row in items]
        return cls(generations, items, await _rows(database, "credits"))

    def of(self, user: str) -> "Books":
        return Books(*(_of(rows, user) for rows in (self.generations, self.items, self.entries)))

    def figures(self, when: When) -> dict[str, int]:
        """By the names of schema.queries.figures.Figures."""
        ended = [row for row in self.generations if row["settled_at"] and when(row["settled_at"])]
        items = [row for row in self.items if when(row["created_at"])]
        entries = [row for row in self.entries if when(row["created_at"])]
        found: Counter[str] = Counter()
        for row in ended:
            found[f"generations_{row['status']}"] += 1
            found["quota_charged"] += row["quota_charged"]
            found["quota_returned"] += row["quota_returned"]
            if row["status"] != "cancelled":
                took = row["settled_at"] - row["created_at"]
                found["duration_ms"] += round(took.total_seconds() * 1000)
        for row in items:
            found[f"pictures_{row['status']}"] += 1
            found["generation_time_ms"] += row["generation_time_ms"] or 0
        for row in entries:
            found["credits_charged"] -= row["amount_credits"] if row["type"] == "charge" else 0
            found["credits_refunded"] += row["amount_credits"] if row["type"] == "refund" else 0
        return dict(found)

    def poses(self, when: When) -> list[tuple[str, int]]:
        """Delivered pictures by pose, most first."""
        used = Counter(
            row["pose_id"]
            for row in self.items
            if row["status"] == "completed" and row["pose_id"] and when(row["created_at"])
        )
        return sorted(used.items(), key=lambda pair: (-pair[1], pair[0]))

    def errors(self, when: When) -> list[Row]:
        return [row for row in self.items if row["status"] == "failed" and when(row["created_at"])]


def _of(rows: Iterable[Row], user: str) -> list[Row]:
    return [row for row in rows if row["user_id"] == user]


async def _rows(database: Database, table: str) -> list[Row]:
    rows = await sql(database, f"SELECT to_jsonb(t), t.created_at FROM {table} AS t")
    settled = {}
    if table == "pose_generations":
        settled = dict(await sql(database, "SELECT id, settled_at FROM pose_generations"))
    return [row | {"created_at": at, "settled_at": settled.get(row["id"])} for row, at in rows]
