"""The look at a finished picture before it is delivered. What nobody could look at is not delivered."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity

from activities.objects import needed
from activities.paid import paid
from adapters.judging import Judge
from adapters.providers import ShownPicture
from adapters.providers.calls import PaidCalls
from adapters.storage import Storage
from imaging.checks import decode, open_header
from schema.errors import (
    SENTENCES,
    BackgroundMissing,
    ItemError,
    OutputModerated,
    PictureUnchecked,
    ProviderAccount,
    Unexpected,
)
from schema.messages.pictures import CheckPicture

UNSET = "PICTURE_CHECK of this worker does not say so"


class _Looking:
    def __init__(self, storage: Storage, threshold: float) -> None:
        self._storage = storage
        self._threshold = threshold

    async def _picture(self, call: CheckPicture) -> bytes:
        return await needed(
            self._storage, call.picture_key, BackgroundMissing if call.uploaded else Unexpected
        )

    async def _allowed(self, call: CheckPicture, improper: float) -> float:
        """What may not be shown is not kept either."""
        if improper < self._threshold:
            return improper
        if not call.uploaded:
            await self._storage.delete(call.picture_key)
        raise OutputModerated(
            SENTENCES[OutputModerated.code], details={"improper": improper, "threshold": self._threshold}
        )


class ModelCheckActivities(_Looking):
    def __init__(self, judge: Judge | None, storage: Storage, *, threshold: float) -> None:
        super().__init__(storage, threshold)
        self._judge = judge

    @activity.defn
    async def check_by_model(self, call: CheckPicture) -> float:
        """Answers how improper it is."""
        picture = await asyncio.to_thread(decode, await self._picture(call))
        if self._judge is None:
            raise _unchecked(UNSET)
        try:
            improper = await asyncio.to_thread(self._judge, picture)
        except Exception as error:
            raise _unchecked(f"{type(error).__name__}: {error}") from error
        return await self._allowed(call, improper)


class ProviderCheckActivities(_Looking):
    def __init__(
        self, calls: PaidCalls[ShownPicture, float] | None, storage: Storage, *, threshold: float
    ) -> None:
        super().__init__(storage, threshold)
        self._calls = calls

    @activity.defn
    async def check_by_provider(self, call: CheckPicture) -> float:
        """Answers how improper it is. Paid for once, like a picture."""
        data = await self._picture(call)
        shown = ShownPicture(data, open_header(data).media_type)
        if self._calls is None:
            raise _unchecked(UNSET)
        with _or_unchecked():
            improper = await paid(self._calls, shown)
        return await self._allowed(call, improper)


@contextmanager
def _or_unchecked() -> Iterator[None]:
    """Once nothing more can be tried. An account out of order keeps its own code, which stops the batch."""
    try:
        yield
    except (OutputModerated, ProviderAccount):
        raise
    except ItemError as error:
        if error.retryable and not error.final:
            raise
        raise _unchecked(error.code, error.details) from error


def _unchecked(because: str, more: object = None) -> PictureUnchecked:
    return PictureUnchecked(SENTENCES[PictureUnchecked.code], details={"because": because, "details": more})
