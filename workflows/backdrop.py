"""What the figures of a generation are put before: one colour or one picture, the same for all of its items.

A picture that the provider makes is asked for once and paid for once, so a shop's row of pictures matches.
Where pictures are looked at before they are delivered, so is this, before any to stand before it is paid for.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from schema import ids
    from schema.kinds import BackgroundMode, PictureCheck
    from schema.messages.orders import Background, Treatment
    from schema.messages.pictures import CheckPicture, GenerateImage, RawPicture, StoreBackdrop
    from workflows import policies, steps
    from workflows.failures import ItemFailed, failing

SUMMARY = "background"
NEGATIVE = "people, person, body parts, text, watermark, blurry"
WORDS = "{prompt}, empty scene without people, room for a standing person in the middle, photograph"


class Backdrop:
    def __init__(self, background: Background, subject_id: str, seed: int) -> None:
        """`subject_id` is the generation or the later change that it is for."""
        self._background = background
        self._subject_id = subject_id
        self._seed = seed
        self.treatment = Treatment()
        """Known once the workers have been asked."""
        self._making: asyncio.Task[None] | None = None

    @property
    def color(self) -> str | None:
        return self._background.color if self._background.mode is BackgroundMode.SOLID_COLOR else None

    @property
    def known(self) -> Background:
        """With the place of the picture, once there is one: what a later run need not make again."""
        return self._background

    def want(self) -> None:
        if self._making is None and self._to_be_made:
            self._making = asyncio.create_task(self._make())

    @property
    def _to_be_made(self) -> bool:
        match self._background.mode:
            case BackgroundMode.AI_GENERATE:
                return self._background.image_key is None
            case BackgroundMode.UPLOAD:
                return self.treatment.check is not PictureCheck.OFF
            case BackgroundMode.SOLID_COLOR:
                return False

    async def key(self) -> str | None:
        """None for a colour. Raises ItemFailed for everybody who needs it when it cannot be had."""
        self.want()
        if self._making:
            await asyncio.shield(self._making)
        return self._background.image_key

    async def close(self) -> None:
        if self._making:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    async def _make(self) -> None:
        """Who fails of it fails for good: another seed of a figure changes nothing behind it."""
        try:
            if self._background.mode is BackgroundMode.UPLOAD:
                with failing():
                    await self._look_at(self._background.image_key or "", uploaded=True)
            else:
                key = await self._first_good()
                self._background = self._background.model_copy(update={"image_key": key})
        except ItemFailed as failure:
            raise ItemFailed(failure.code, final=True) from failure

    async def _first_good(self, attempt: int = 0) -> str:
        try:
            return await self._made(attempt)
        except ItemFailed as failure:
            if failure.other_seed_may_help and attempt + 1 < policies.MAXIMUM_SEEDS:
                return await self._first_good(attempt + 1)
            raise

    async def _made(self, attempt: int) -> str:
        with failing():
            picture = await self._picture(attempt)
            await self._look_at(picture.key)
            call = StoreBackdrop(subject_id=self._subject_id, picture=picture)
            return (await steps.store_backdrop(call, SUMMARY)).key

    async def _look_at(self, key: str, *, uploaded: bool = False) -> None:
        call = CheckPicture(picture_key=key, uploaded=uploaded)
        await steps.check_picture(call, self.treatment.check, SUMMARY)

    async def _picture(self, attempt: int) -> RawPicture:
        return await steps.generate_image(
            GenerateImage(
                generation_id=self._subject_id,
                item_id="backdrop",
                seed=ids.item_seed(self._seed, -1, attempt),
                prompt=WORDS.format(prompt=(self._background.prompt or "").strip().rstrip(".")),
                negative_prompt=NEGATIVE,
            ),
            SUMMARY,
        )
