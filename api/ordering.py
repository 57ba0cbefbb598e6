"""Placing an order: one request, one generation, one charge, however often it is repeated."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.allowance import Allowance
from api.auth import Caller
from api.backgrounds import Backgrounds
from api.orders import Request, priority_key
from schema import ids
from schema.database import Database
from schema.errors import PoseError, Unavailable
from schema.kinds import GenerationStatus
from schema.messages.orders import GenerationInput
from schema.models.generate import DryRunAnswer, GenerateAnswer
from schema.queries import idempotency, ledger, matching, quota, users
from schema.tables import Generation
from schema.tables.columns import now
from telemetry import context
from workflows.client_errors import REFUSALS
from workflows.gateway import GenerationGateway

CANCEL_TIMEOUT_S = 1.0
TRIED = 1
"""Items that stay taken when the charge is refused: it cost a workflow, but no pictures."""


@dataclass(frozen=True)
class Placed:
    answer: GenerateAnswer
    replayed: bool


class Ordering:
    def __init__(self, database: Database, gateway: GenerationGateway, backgrounds: Backgrounds) -> None:
        self._backgrounds = backgrounds
        self._database = database
        self._gateway = gateway

    async def place(self, caller: Caller, request: Request, key: str | None, allowance: Allowance) -> Placed:
        """Answers once it is charged. A repeated key gets the first answer, or finishes a broken start."""
        if key and request.names_a_picture and (begun := await self._begun(caller, request, key)):
            return Placed(_answer_again(begun), replayed=True)  # whatever has become of that picture
        request = await request.prepared(self._backgrounds, caller.id)
        new_id = ids.generation_id()
        async with self._database.transaction() as session:
            known_id = await idempotency.find(session, caller.id, key, request.fingerprint) if key else None
            if known_id and (begun := await idempotency.begun(session, known_id, caller.id)):
                return Placed(_answer_again(begun), replayed=True)
            user = await users.read(session, caller.id)
            order = await request.order(session, user, known_id or new_id)
            if key and not known_id:
                first_id = await idempotency.claim(session, caller.id, key, request.fingerprint, new_id)
                order = order.model_copy(update={"generation_id": first_id})
            is_new = order.generation_id == new_id
            if is_new:
                await allowance.take(order.total_items, session)
        try:
            answer = await self._start(order, priority_key(user), key)
        except REFUSALS:
            if is_new:
                await allowance.give_back(order.total_items - TRIED)
            raise
        return Placed(answer, replayed=not is_new)

    async def price(self, caller: Caller, request: Request) -> DryRunAnswer:
        """All that placing it would check, and no more."""
        request = await request.prepared(self._backgrounds, caller.id, only_check=True)
        async with self._database.transaction() as session:
            user = await users.read(session, caller.id)
            order = await request.order(session, user, ids.generation_id())
            item_ms = await ledger.usual_item_ms(session)
            found = await matching.nearest(session, order.text_prompt) if order.text_prompt else None
        at = now()
        unlimited = quota.unlimited(user, at)
        cost_credits = 0 if unlimited else order.total_items * order.item_price_credits
        left = user.unlimited_daily_quota_items - quota.used_items(user, at)
        return DryRunAnswer(
            valid=True,
            total_poses_expected=order.total_items,
            credit_cost=cost_credits,
            balance=user.balance_credits,
            affordable=order.total_items <= left if unlimited else cost_credits <= user.balance_credits,
            estimated_completion_time=at
            + timedelta(milliseconds=item_ms) * order.total_items / order.parallelism,
            generated_pose_structure=matching.structure(found) if order.text_prompt else None,
        )

    async def _begun(self, caller: Caller, request: Request, key: str) -> Generation | None:
        async with self._database.transaction() as session:
            known_id = await idempotency.find(session, caller.id, key, request.fingerprint)
            return await idempotency.begun(session, known_id, caller.id) if known_id else None

    async def _start(self, order: GenerationInput, priority: int, key: str | None) -> GenerateAnswer:
        context.bind(context.places({"generation_id": order.generation_id}))
        try:
            receipt = await self._gateway.start(order, priority_key=priority)
        except Unavailable as error:
            if key is not None:
                raise Unavailable(
                    "The generation could not be started yet. Repeat this request with the same "
                    "Idempotency-Key: it is charged once at most.",
                    retry_after_s=error.retry_after_s,
                ) from error
            await self._abandon(order.generation_id)
            raise
        return _answer(
            receipt.generation_id,
            receipt.total_items,
            receipt.credits_charged,
            receipt.estimated_completion_at,
        )

    async def _abandon(self, generation_id: str) -> None:
        """Nobody will learn this id, so it should not go on and cost money if it did start."""
        with suppress(PoseError, TimeoutError):
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                await self._gateway.cancel(generation_id)


def _answer_again(row: Generation) -> GenerateAnswer:
    """The very answer of the start, whatever has become of the generation since."""
    return _answer(row.id, row.total_expected_poses, row.credit_charged, row.estimated_completion_at)


def _answer(generation_id: str, items: int, charged_credits: int, ready_at: datetime) -> GenerateAnswer:
    return GenerateAnswer(
        generation_id=generation_id,
        status=GenerationStatus.PENDING,
        total_poses_expected=items,
        credit_charged=charged_credits,
        estimated_completion_time=ready_at,
        message=f"Started: {items} picture{'s' if items > 1 else ''} on the way.",
    )
