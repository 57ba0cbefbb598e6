"""Activities by name that keep the books in memory: what costs money or another machine is pretended here."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity

from activities.failures import to_temporal
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import ItemOutcome, RefundItem, Settle, Settlement, StatusChange
from schema.messages.orders import ChargeReceipt, GenerationInput, Plan, PlannedPose
from schema.messages.pictures import (
    ChangeBackground,
    CheckPicture,
    ExportedItem,
    ExportItem,
    GenerateImage,
    Matte,
    MatteImage,
    PreparedMap,
    PrepareMap,
    RawPicture,
    StoreBackdrop,
    StoredBackdrop,
    StoredItem,
    StoreItem,
)
from schema.webhooks import Announce
from tests.workflow.world import World


def index_of(item_id: str) -> int:
    return int(item_id.rsplit("_", 1)[1])


class FakeActivities:
    def __init__(self, world: World) -> None:
        self.world = world

    @activity.defn
    async def charge(self, order: GenerationInput) -> ChargeReceipt:
        if self.world.refuse:
            raise to_temporal(self.world.refuse)
        if self.world.fail_charge:
            raise to_temporal(self.world.fail_charge.pop(0))
        self.world.charges += 1
        if self.world.charges <= self.world.stall_charges:
            await asyncio.Event().wait()
        self.world.total = order.total_items
        now = datetime.now(UTC)
        return ChargeReceipt(
            generation_id=order.generation_id,
            total_items=order.total_items,
            credits_charged=order.total_items * self.world.price,
            created_at=now,
            estimated_completion_at=now + timedelta(seconds=20),
        )

    @activity.defn
    async def plan(self, order: GenerationInput) -> Plan:
        poses: list[PlannedPose] = []
        for position, pick in enumerate(order.picks):
            poses.append(
                PlannedPose(
                    position=position,
                    pose_id=pick.pose_id,
                    label=pick.pose_id or "text",
                    prompt="a person",
                    negative_prompt="",
                    first_index=sum(pose.variations for pose in poses),
                    variations=pick.variations,
                    guided=pick.pose_id is not None,
                    map_key=f"controlnet/{position}.png" if position in self.world.drawn else None,
                )
            )
        return Plan(poses=tuple(poses), treatment=self.world.treatment)

    @activity.defn
    async def prepare_controlnet(self, call: PrepareMap) -> PreparedMap:
        self.world.maps.append(call.position)
        return PreparedMap(key=f"controlnet/{call.position}.png")

    @activity.defn
    async def generate_image(self, call: GenerateImage) -> RawPicture:
        if call.item_id == "backdrop":
            return await self._backdrop(call)
        world, index = self.world, index_of(call.item_id)
        world.seeds.setdefault(index, []).append(call.seed)
        world.guides.append(call.map_key)
        world.running += 1
        world.most_running = max(world.most_running, world.running)
        try:
            if failures := world.fail_generate.get(index):
                raise to_temporal(failures.pop(0))
            if index >= world.hold_from and len(world.seeds[index]) > world.hold_after:
                await self._held()
        finally:
            world.running -= 1
        return _picture(f"staging/{index}", call.seed)

    async def _backdrop(self, call: GenerateImage) -> RawPicture:
        self.world.backdrops += 1
        if self.world.fail_backdrop:
            raise to_temporal(self.world.fail_backdrop.pop(0))
        if self.world.hold_backdrop:
            await self._held()
        return _picture("staging/backdrop", call.seed)

    @activity.defn
    async def store_backdrop(self, call: StoreBackdrop) -> StoredBackdrop:
        return StoredBackdrop(key=f"backdrops/{call.subject_id}.png")

    @activity.defn
    async def change_background(self, call: ChangeBackground) -> RawPicture:
        if self.world.fail_change:
            raise to_temporal(self.world.fail_change.pop(0))
        assert (call.matte_key in self.world.mattes) == self.world.treatment.matte
        self.world.changed.append((call.color, call.backdrop_key))
        return call.picture.model_copy(update={"key": f"{call.picture.key}-background"})

    @activity.defn
    async def matte_image(self, call: MatteImage) -> Matte:
        if self.world.fail_matte:
            raise to_temporal(self.world.fail_matte.pop(0))
        self.world.mattes.append(f"mattes/{call.picture_key}.png")
        return Matte(key=self.world.mattes[-1])

    @activity.defn
    async def check_by_model(self, call: CheckPicture) -> float:
        return self._checked("model", call)

    @activity.defn
    async def check_by_provider(self, call: CheckPicture) -> float:
        return self._checked("provider", call)

    def _checked(self, by: str, call: CheckPicture) -> float:
        self.world.checks.append((by, call.picture_key))
        for part, failures in self.world.fail_check.items():
            if part in call.picture_key and failures:
                raise to_temporal(failures.pop(0))
        return 0.01

    async def _held(self) -> None:
        try:
            while not self.world.hold.is_set():
                activity.heartbeat()
                await asyncio.sleep(0.02)
        except asyncio.CancelledError:
            self.world.cancelled_calls += 1
            if self.world.fail_cancelled:
                raise to_temporal(self.world.fail_cancelled) from None
            raise

    @activity.defn
    async def store_item(self, call: StoreItem) -> StoredItem:
        if failures := self.world.fail_store.get(call.index):
            raise to_temporal(failures.pop(0))
        delivered = self.world.rows.setdefault(call.index, ItemStatus.COMPLETED) is ItemStatus.COMPLETED
        return StoredItem(image_key=f"generated/{call.item_id}.png", superseded=not delivered)

    @activity.defn
    async def export_item(self, call: ExportItem) -> ExportedItem:
        if self.world.fail_export:
            raise to_temporal(self.world.fail_export)
        self.world.exported.append(call.item_id)
        if self.world.hold_export:
            await self.world.hold.wait()
        return ExportedItem(made=call.formats)

    @activity.defn
    async def refund_item(self, call: RefundItem) -> int:
        self.world.refunding += 1
        if self.world.hold_refund:
            await self._held()
        assert self.world.rows.setdefault(call.index, ItemStatus.FAILED) is ItemStatus.FAILED
        self.world.refunds[call.index] = call.error_code
        return self.world.price

    @activity.defn
    async def note_status(self, change: StatusChange) -> None:
        self.world.statuses.append(change.status)

    @activity.defn
    async def settle(self, call: Settle) -> Settlement:
        world = self.world
        world.settles.append(call)
        cancelled = call.error_code == "CANCELLED"
        version, revealed = call.next_version, []
        for index in range(world.total):
            if index in call.versions:
                continue
            status = world.rows.setdefault(index, ItemStatus.CANCELLED if cancelled else ItemStatus.FAILED)
            code = None if status is ItemStatus.COMPLETED else call.error_code or "INTERNAL"
            if code:
                world.refunds[index] = code
            revealed.append(
                ItemOutcome(index=index, pose_id=None, status=status, version=version, error_code=code)
            )
            version += 2
        completed = sum(status is ItemStatus.COMPLETED for status in world.rows.values())
        return Settlement(
            status=_final(completed, world.total, cancelled=cancelled),
            completed=completed,
            failed=world.total - completed,
            credits_refunded=world.price * len(world.refunds),
            items=tuple(revealed),
            version=version,
        )

    @activity.defn
    async def announce(self, call: Announce) -> None:
        assert call.index is None or self.world.rows[call.index] is ItemStatus.COMPLETED
        assert (call.index is None) == bool(self.world.settles), "the end is told of once it is settled"
        self.world.announced.append(call.index)

    @property
    def all(self) -> list[Callable[..., Any]]:
        return [
            self.charge,
            self.plan,
            self.prepare_controlnet,
            self.generate_image,
            self.store_backdrop,
            self.change_background,
            self.matte_image,
            self.check_by_model,
            self.check_by_provider,
            self.store_item,
            self.export_item,
            self.refund_item,
            self.note_status,
            self.settle,
            self.announce,
        ]


def _picture(key: str, seed: int) -> RawPicture:
    return RawPicture(
        key=key, extension="png", seed=seed, provider="fake", model="fake", duration_ms=1000, attempt=1
    )


def _final(completed: int, total: int, *, cancelled: bool) -> GenerationStatus:
    if completed == total:
        return GenerationStatus.COMPLETED
    if cancelled:
        return GenerationStatus.CANCELLED
    return GenerationStatus.PARTIAL if completed else GenerationStatus.FAILED
