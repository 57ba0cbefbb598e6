"""Another background for a delivered picture: one request, one change, one charge."""

import hashlib
import json
import secrets
from dataclasses import dataclass

from api.allowance import Allowance
from api.auth import Caller
from api.backgrounds import Backgrounds
from api.orders import priority_key
from schema import ids, prices
from schema.database import Database
from schema.kinds import ChangeStatus
from schema.messages.changes import ChangeOrder
from schema.messages.orders import Background
from schema.models.backgrounds import ChangeAnswer, ChangePrice, ChangeWish
from schema.queries import background_changes, idempotency, quota, users
from schema.tables.columns import now
from workflows.gateway import GenerationGateway

MESSAGE = "The background is being changed. GET /poses/{itemId} shows it when it is done."


@dataclass(frozen=True)
class Changed:
    answer: ChangeAnswer
    replayed: bool


@dataclass(frozen=True)
class BackgroundChanges:
    database: Database
    gateway: GenerationGateway
    backgrounds: Backgrounds

    async def place(
        self, caller: Caller, item_id: str, wanted: ChangeWish, key: str | None, allowance: Allowance
    ) -> Changed:
        """Answers once it is charged; a repeated key gets the first answer, or finishes a broken start."""
        wish_hash = _hash(item_id, wanted)
        known_id = await self._known(caller.id, key, wish_hash) if key else None
        if known_id and (answer := await self._begun(caller.id, known_id)):
            return Changed(answer, replayed=True)
        async with self.database.transaction() as session:
            await background_changes.changeable(session, item_id, caller.id)
        background = await self.backgrounds.chosen(caller.id, wanted)
        new_id = ids.background_change_id()
        async with self.database.transaction() as session:
            item = await background_changes.changeable(session, item_id, caller.id)
            user = await users.read(session, caller.id)
            change_id = known_id or new_id
            if key and not known_id:
                change_id = await idempotency.claim(session, caller.id, key, wish_hash, new_id)
            if change_id == new_id:
                await allowance.take(1, session)
        order = _order(change_id, caller.id, item.generation_id, item_id, background)
        receipt = await self.gateway.change_background(order, priority_key=priority_key(user))
        return Changed(
            _answer(receipt.change_id, item_id, receipt.credits_charged), replayed=change_id != new_id
        )

    async def price(self, caller: Caller, item_id: str, wanted: ChangeWish) -> ChangePrice:
        """All that placing it would check, and no more."""
        await self.backgrounds.chosen(caller.id, wanted, only_check=True)
        async with self.database.transaction() as session:
            await background_changes.changeable(session, item_id, caller.id)
            user = await users.read(session, caller.id)
        at = now()
        unlimited = quota.unlimited(user, at)
        cost_credits = 0 if unlimited else prices.BACKGROUND_PRICE_CREDITS
        left = user.unlimited_daily_quota_items - quota.used_items(user, at)
        return ChangePrice(
            valid=True,
            credit_cost=cost_credits,
            balance=user.balance_credits,
            affordable=left > 0 if unlimited else cost_credits <= user.balance_credits,
        )

    async def _known(self, user_id: str, key: str, wish_hash: str) -> str | None:
        async with self.database.transaction() as session:
            return await idempotency.find(session, user_id, key, wish_hash)

    async def _begun(self, user_id: str, change_id: str) -> ChangeAnswer | None:
        async with self.database.transaction() as session:
            row = await background_changes.begun(session, change_id, user_id)
        return _answer(row.id, row.item_id, row.credit_charged) if row else None


def _order(
    change_id: str, user_id: str, generation_id: str, item_id: str, background: Background
) -> ChangeOrder:
    return ChangeOrder(
        change_id=change_id,
        user_id=user_id,
        generation_id=generation_id,
        item_id=item_id,
        background=background,
        seed=secrets.randbelow(prices.MAX_SEED + 1),
        price_credits=prices.BACKGROUND_PRICE_CREDITS,
    )


def _answer(change_id: str, item_id: str, charged_credits: int) -> ChangeAnswer:
    """The very answer of the start, whatever has become of it since."""
    return ChangeAnswer(
        change_id=change_id,
        pose_id=item_id,
        status=ChangeStatus.PENDING,
        credit_charged=charged_credits,
        message=MESSAGE,
    )


def _hash(item_id: str, wanted: ChangeWish) -> str:
    said = json.dumps({"item": item_id, **wanted.model_dump(mode="json")}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
