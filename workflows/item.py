"""One picture: made, stored, exported; or refunded. It ends with exactly one of the two.

Making costs the provider's time: it needs a slot and can be cancelled. What has been made is looked at, put
before its background, stored and exported whatever happens meanwhile, since it is paid for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from schema import ids
    from schema.kinds import WebhookEvent
    from schema.messages.fates import RefundItem
    from schema.messages.orders import GenerationInput, Plan, PlannedPose
    from schema.messages.pictures import (
        ChangeBackground,
        CheckPicture,
        ExportItem,
        GenerateImage,
        RawPicture,
        StoredItem,
        StoreItem,
    )
    from schema.webhooks import Announce
    from workflows import policies, steps
    from workflows.backdrop import Backdrop
    from workflows.board import Board
    from workflows.failures import ItemFailed, failing
    from workflows.maps import Maps


class Item:
    def __init__(self, order: GenerationInput, plan: Plan, pose: PlannedPose, index: int) -> None:
        self._order = order
        self._reference_key = plan.reference_key
        self._treatment = plan.treatment
        self.pose = pose
        self.index = index
        self.id = ids.item_id(order.generation_id, index)
        self.cancellable = True
        """Until a picture has been made for it, which may turn out to be none, or it is given back."""
        self.checks = 0
        """At how many it was under way without a break. They are counted, since a worker that takes a run
        over may be told an older time than a replay will be."""
        self._busy = False
        self._attempt = 0
        self._map_key: str | None = None
        self._backdrop_key: str | None = None
        self._place = {
            "generation_id": order.generation_id,
            "user_id": order.user_id,
            "item_id": self.id,
            "index": index,
            "position": pose.position,
            "pose_id": pose.pose_id,
            "variation": index - pose.first_index,
        }
        self._name = f"item {index + 1}/{order.total_items} {pose.label}"

    async def make(self, maps: Maps, backdrop: Backdrop | None) -> RawPicture:
        """The provider's part, once for each call; raises ItemFailed, or CancelledError."""
        self._attempt += 1
        if not self.cancellable:
            self.cancellable = workflow.patched("other-seed-cancellable")
        with self._under_way():
            if backdrop and self._treatment.backdrop_first:
                await backdrop.key()
            with failing():
                picture = await self._generated(maps)
            if backdrop:
                self._backdrop_key = await backdrop.key()
        self.cancellable = False
        return picture

    async def _generated(self, maps: Maps) -> RawPicture:
        self._map_key = await maps.of(self.pose)
        return await steps.generate_image(
            GenerateImage(
                generation_id=self._order.generation_id,
                item_id=self.id,
                seed=ids.item_seed(self._order.seed, self.index, self._attempt - 1),
                prompt=self.pose.prompt,
                negative_prompt=self.pose.negative_prompt,
                map_key=self._map_key,
                reference_key=self._reference_key,
            ),
            self._name,
        )

    def check(self) -> None:
        self.checks = self.checks + 1 if self._busy else 0

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        """With what others do for us, and may keep us waiting for."""
        self._busy, self.checks = True, 0
        try:
            yield
        finally:
            self._busy, self.checks = False, 0

    async def store(self, picture: RawPicture, backdrop: Backdrop | None) -> StoredItem:
        with failing():
            await self._look_at(picture)
            changed = await self._before(backdrop, picture) if backdrop else None
            if changed:
                await self._look_at(changed)
            call = StoreItem(
                **self._place,
                prompt=self.pose.prompt,
                picture=changed or picture,
                map_key=self._map_key,
                before=picture if changed else None,
                exports_follow=bool(self._order.formats),
            )
            return await steps.store_item(call, self._name)

    async def _look_at(self, picture: RawPicture) -> None:
        """The picture before its background was changed is shown too."""
        with self._under_way():
            call = CheckPicture(picture_key=picture.key)
            await steps.check_picture(call, self._treatment.check, self._name)

    async def _outline(self, picture: RawPicture) -> str | None:
        if not self._treatment.matte:
            return None
        with self._under_way():
            return (await steps.matte_image(picture.key, self._name)).key

    async def _before(self, backdrop: Backdrop, picture: RawPicture) -> RawPicture:
        call = ChangeBackground(
            generation_id=self._order.generation_id,
            item_id=self.id,
            position=self.pose.position,
            picture=picture,
            color=backdrop.color,
            backdrop_key=self._backdrop_key,
            matte_key=await self._outline(picture),
        )
        return await steps.change_background(call, self._name)

    def may_try_again(self, failure: ItemFailed) -> bool:
        return failure.other_seed_may_help and self._attempt < policies.MAXIMUM_SEEDS

    async def export(self, image_key: str) -> None:
        """Formats that cannot be made are missing, never the item."""
        if not self._order.formats:
            return
        call = ExportItem(
            generation_id=self._order.generation_id,
            item_id=self.id,
            position=self.pose.position,
            image_key=image_key,
            formats=self._order.formats,
        )
        try:
            await steps.export_item(call, f"{self._name}, {len(self._order.formats)} formats")
        except ActivityError:
            workflow.logger.exception("exports of %s failed", self.id)

    async def announce(self) -> None:
        """To the user's receiver, where it wants to hear of every picture."""
        if WebhookEvent.ITEM_COMPLETED in self._order.webhook_events:
            call = Announce(generation_id=self._order.generation_id, index=self.index)
            await steps.announce(call, self._name)

    async def refund(self, code: str, board: Board) -> None:
        self.cancellable = False  # money moves to the end of its step
        call = RefundItem(**self._place, error_code=code, attempt=self._attempt)
        returned = await steps.refund_item(call, f"{self._name}: {code}")
        board.refunded(self.index, self.pose.pose_id, code=code, attempt=self._attempt, returned=returned)

    def delivered(self, board: Board, stored: StoredItem, picture: RawPicture) -> None:
        board.delivered(
            self.index,
            self.pose.pose_id,
            image_key=stored.image_key,
            attempt=self._attempt,
            duration_ms=picture.duration_ms,
        )
