"""What a user has made and spent."""

from fastapi import APIRouter

from api.dependencies import CurrentUser, DbSession, Urls
from api.openapi import failures
from schema.models.credits import CreditsAnswer
from schema.models.stats import StatsAnswer
from schema.queries import stats, users
from schema.tables.columns import now

router = APIRouter(tags=["stats"])


@router.get("/stats", summary="The user's own figures", operation_id="getStats", responses=failures())
async def of_user(session: DbSession, caller: CurrentUser, url: Urls) -> StatsAnswer:
    """All together, of the last 7 and 30 days, and day by day (UTC); pictures count as they arrive."""
    user = await users.read(session, caller.id)
    found = await stats.of_user(session, caller.id, now().date())
    return StatsAnswer.of(found, CreditsAnswer.of(user).unlimited, url)
