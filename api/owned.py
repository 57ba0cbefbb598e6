"""A generation of the caller's own; anybody else's is as unknown as one that never was."""

from api.auth import Caller
from api.services import Services
from schema.queries import generations
from schema.tables import Generation


async def owned(parts: Services, caller: Caller, generation_id: str) -> Generation:
    async with parts.database.transaction() as session:
        return await generations.owned(session, generation_id, caller.id)
