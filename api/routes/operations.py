"""How the service is: for people, load balancers and process managers. None of it needs a token."""

from fastapi import APIRouter, Response

from api.dependencies import Parts
from api.openapi import failures
from schema.errors import Unavailable
from schema.models.health import Alive, Condition, HealthAnswer

health_router = APIRouter(tags=["operations"])
probe_router = APIRouter(tags=["operations"])


@health_router.get(
    "/health",
    operation_id="getHealth",
    summary="The state of every part",
    responses={503: {"model": HealthAnswer, "description": "Some part the product needs does not work."}},
)
async def health(parts: Parts, response: Response) -> HealthAnswer:
    found = await parts.health.look()
    if found.status is Condition.UNHEALTHY:
        response.status_code = 503
    return found


@probe_router.get("/livez", operation_id="getLiveness", summary="The process answers")
async def live() -> Alive:
    return Alive()


@probe_router.get(
    "/readyz", operation_id="getReadiness", summary="Requests can be served", responses=failures(public=True)
)
async def ready(parts: Parts) -> Alive:
    """Needs the database only: without Temporal, reads still work and starts say 503 by themselves."""
    if not await parts.health.database_is_there():
        raise Unavailable("The database cannot be reached.")
    return Alive()
