"""Cancel, pause and resume: only the owner may, each can be repeated, and who watches is woken."""

from collections.abc import Awaitable, Callable

from api.auth import Caller
from api.owned import owned
from api.services import Services
from schema.errors import Conflict, NotFound
from schema.kinds import GenerationStatus
from schema.models.generations import ControlAnswer
from schema.queries import wakeups


class Control:
    def __init__(self, parts: Services, caller: Caller, generation_id: str) -> None:
        self._parts = parts
        self._caller = caller
        self._generation_id = generation_id

    async def cancel(self) -> ControlAnswer:
        row = await owned(self._parts, self._caller, self._generation_id)
        if row.settled_at is not None:
            return self._answer(GenerationStatus(row.status), "It is over: there is nothing left to cancel.")
        await self._ask(self._parts.gateway.cancel)
        return self._answer(
            GenerationStatus(row.status),
            "Cancelling. Pictures that are not delivered are refunded.",
        )

    async def pause(self) -> ControlAnswer:
        await self._require_running()
        await self._ask(self._parts.gateway.pause)
        return self._answer(GenerationStatus.PAUSED, "Paused. Pictures in work are still finished.")

    async def resume(self) -> ControlAnswer:
        await self._require_running()
        await self._ask(self._parts.gateway.resume)
        return self._answer(GenerationStatus.PROCESSING, "Going on.")

    async def _ask(self, request: Callable[[str], Awaitable[None]]) -> None:
        try:
            await request(self._generation_id)
        except NotFound as error:
            raise Conflict("This generation has just ended.") from error
        await wakeups.notify(self._parts.database, self._generation_id, self._caller.id)

    async def _require_running(self) -> None:
        if (await owned(self._parts, self._caller, self._generation_id)).settled_at is not None:
            raise Conflict("This generation is over.")

    def _answer(self, status: GenerationStatus, message: str) -> ControlAnswer:
        return ControlAnswer(generation_id=self._generation_id, status=status, message=message)
