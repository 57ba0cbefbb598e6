"""A generation's progress rebuilt from its rows: the truth once it is settled, the best there is before that.

Only settling writes down the versions of progress. Until then the workflow alone knows them: every item with
a fate is told, whatever `since` says, as version 0, and the answer is marked stale.
"""

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import GenerationStatus
from schema.messages.fates import Progress
from schema.queries.settlement import outcome
from schema.tables import Generation, Item
from schema.tables.columns import now


async def read(
    session: AsyncSession, generation_id: str, user_id: str | None = None, since: int = 0
) -> Progress | None:
    """None when there is no such generation, or not of this user; without a user, anyone's."""
    query = select(Generation).where(Generation.id == generation_id)
    if user_id is not None:
        query = query.where(Generation.user_id == user_id)
    generation = (await session.exec(query)).one_or_none()
    if generation is None:
        return None
    newer = select(Item).where(
        Item.generation_id == generation_id, or_(col(Item.version).is_(None), col(Item.version) > since)
    )
    items = await session.exec(newer.order_by(col(Item.version), col(Item.index)))
    return Progress(
        generation_id=generation.id,
        version=generation.progress_version,
        status=GenerationStatus(generation.status),
        total=generation.total_expected_poses,
        completed=generation.poses_completed,
        failed=generation.poses_failed,
        credits_charged=generation.credit_charged,
        credits_refunded=generation.credit_refunded,
        items=tuple(map(outcome, items)),
        eta_s=_eta_s(generation),
        error_code=generation.error_code,
        stale=generation.settled_at is None,
    )


def _eta_s(generation: Generation) -> int | None:
    if generation.settled_at is not None:
        return None
    return max(0, round((generation.estimated_completion_at - now()).total_seconds()))
