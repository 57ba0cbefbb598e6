"""What is true once a run has settled, read from the books, the storage and the provider's journal."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from sqlmodel import col, func, select

from schema.kinds import BackgroundMode, LedgerType
from schema.tables import BackgroundChange, Generation, Item, LedgerEntry, User
from tests.chaos.runner.blows import Blow, Fleet
from tests.chaos.runner.records import Records
from tests.integration.shop import Shop

AT_ONCE = 4


@dataclass(frozen=True)
class File:
    """As it lies in the storage."""

    size: int
    sha256: str
    pixels: tuple[int, int] | None = None
    """None for what is no picture that can be decoded."""


@dataclass(frozen=True)
class Submission:
    at: float
    seed: int


@dataclass(frozen=True)
class Hit:
    """Of the provider's mischief."""

    at: float
    seed: int
    kind: str
    stage: str


@dataclass(frozen=True)
class Struck:
    blow: Blow
    began: float
    ended: float


@dataclass(frozen=True)
class Account:
    """Of one customer: the ledger's sums, and what the API says."""

    balance: int
    said: int
    sums: dict[str, int]


@dataclass
class Facts:
    fleet: Fleet
    records: Records
    struck: list[Struck] = field(default_factory=list)
    generations: dict[str, Generation] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    changes: list[BackgroundChange] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    audit: list[str] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """Customers that were still not served when the time was over."""
    settled_after_s: float = 0
    """From the end of the storm until all was over."""

    @property
    def made_backgrounds(self) -> int:
        return sum(
            (each.background or {}).get("mode") == BackgroundMode.AI_GENERATE
            for each in self.generations.values()
        )

    def items_of(self, generation_id: str) -> list[Item]:
        return [item for item in self.items if item.generation_id == generation_id]


async def read_books(shop: Shop, facts: Facts) -> None:
    async with shop.database.transaction() as session:
        generations = await session.exec(select(Generation))
        facts.generations = {each.id: each for each in generations}
        facts.items = list(await session.exec(select(Item).order_by(Item.generation_id, col(Item.index))))
        facts.changes = list(await session.exec(select(BackgroundChange)))


async def account(shop: Shop, customer: str, said: int) -> Account:
    sums = select(LedgerEntry.type, func.sum(LedgerEntry.amount_credits)).group_by(LedgerEntry.type)
    async with shop.database.transaction() as session:
        rows = (await session.exec(sums.where(LedgerEntry.user_id == customer))).all()
        user = await session.get_one(User, customer)
    return Account(user.balance_credits, said, dict.fromkeys(LedgerType, 0) | dict(rows))


async def files(shop: Shop) -> dict[str, File]:
    """All but what is shared by everybody: maps, and pictures of the library."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(key: str) -> tuple[str, File]:
        async with places:
            data = await shop.storage.get(key)
            return key, await asyncio.to_thread(_file, data)

    listed = [info.key async for info in shop.storage.list("")]
    mine = [key for key in listed if not key.startswith(("controlnet/", "library/"))]
    return dict(await asyncio.gather(*map(one, mine)))


def _file(data: bytes) -> File:
    return File(len(data), hashlib.sha256(data).hexdigest(), _pixels(data))


def _pixels(data: bytes) -> tuple[int, int] | None:
    try:
        with Image.open(BytesIO(data)) as picture:
            picture.load()
            return picture.size
    except OSError:
        return None


def journal(path: Path) -> Iterator[Submission | Hit]:
    for line in path.read_text("utf-8").splitlines():
        entry: dict[str, Any] = json.loads(line)
        if entry["what"] == "accepted":
            yield Submission(entry["at"], entry["seed"])
        else:
            yield Hit(entry["at"], entry["seed"], entry["kind"], entry["stage"])
