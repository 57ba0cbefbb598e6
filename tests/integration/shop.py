"""A customer's view of the workflow on real servers, and the questions a test asks afterwards."""

from dataclasses import dataclass
from typing import Any

import httpx
from sqlmodel import col, select
from temporalio.client import Client

from adapters.storage import Storage
from schema import ids, prices
from schema.database import Database
from schema.kinds import AvatarSource, GenerationType, Role
from schema.messages.fates import Progress
from schema.messages.orders import GenerationInput, PosePick
from schema.queries import audit, ledger, progress, users
from schema.settings import Settings
from schema.tables import Generation, Item, Pose, Project
from tests.eventually import eventually
from workflows import standing
from workflows.gateway import GenerationGateway


@dataclass
class Shop:
    settings: Settings
    database: Database
    temporal: Client
    gateway: GenerationGateway
    storage: Storage
    sim: httpx.AsyncClient

    async def welcome(self, user: str, credits_granted: int) -> None:
        """A user with a project of the same name."""
        async with self.database.transaction() as session:
            await users.ensure(session, user, Role.USER, 0)
            if credits_granted:
                await ledger.grant(session, user, credits_granted, f"test:{user}", "test")
            session.add(
                Project(
                    id=f"proj_{user}",
                    user_id=user,
                    project_name=user,
                    avatar_source=AvatarSource.AVATAR_CREATOR,
                )
            )

    async def poses(self, count: int) -> list[str]:
        async with self.database.transaction() as session:
            rows = await session.exec(
                select(Pose.id).where(col(Pose.is_premium).is_(False)).order_by(Pose.id).limit(count)
            )
            return list(rows)

    async def order(
        self, items: int = 3, variations: int = 1, user: str = "ann", **changes: Any
    ) -> GenerationInput:
        poses = await self.poses(items // variations)
        made = GenerationInput(
            generation_id=ids.generation_id(),
            user_id=user,
            project_id=f"proj_{user}",
            generation_type=GenerationType.GALLERY_REFERENCE,
            picks=tuple(PosePick(pose_id=pose, variations=variations) for pose in poses),
            batch_size=variations,
            seed=7,
            item_price_credits=prices.item_price(background=False),
            parallelism=self.settings.pose_parallelism,
        )
        return made.model_copy(update=changes)

    async def start(self, order: GenerationInput) -> str:
        await self.gateway.start(order, priority_key=3)
        return order.generation_id

    async def settled(self, generation_id: str, *, within_s: float = 60) -> Progress:
        """The generation's end, as the books have it."""
        return await eventually(
            lambda: self.progress(generation_id), lambda seen: seen.status.terminal, within_s=within_s
        )

    async def progress(self, generation_id: str) -> Progress:
        async with self.database.transaction() as session:
            seen = await progress.read(session, generation_id, None, 0)
        assert seen is not None
        return seen

    async def generation(self, generation_id: str) -> Generation:
        async with self.database.transaction() as session:
            return await session.get_one(Generation, generation_id)

    async def items(self, generation_id: str) -> list[Item]:
        async with self.database.transaction() as session:
            rows = await session.exec(
                select(Item).where(Item.generation_id == generation_id).order_by(col(Item.index))
            )
            return list(rows)

    async def faults(self, *rules: dict[str, Any]) -> None:
        (await self.sim.post("/_sim/faults", json=list(rules))).raise_for_status()

    async def submissions(self) -> list[dict[str, Any]]:
        log: list[dict[str, Any]] = (await self.sim.get("/_sim/log")).json()
        return log

    async def refusals(self) -> int:
        """How often the simulator has misbehaved as it was told to."""
        rules: list[dict[str, Any]] = (await self.sim.get("/_sim/faults")).json()
        return sum(rule["hits"] for rule in rules)

    async def books_agree(self) -> None:
        async with self.database.snapshot() as session:
            assert await audit.run(session) == []
        assert await standing.findings(self.database, self.temporal) == []
