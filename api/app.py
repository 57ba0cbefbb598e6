"""The HTTP API as one application: `uvicorn --factory api.app:create_app`."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from api import errors, openapi
from api.access_log import AccessLog
from api.addresses import Addresses
from api.dependencies import placed
from api.middleware import Envelope, LastResort, Limits
from api.request_limit import RequestLimit
from api.routes import (
    account,
    archives,
    avatars,
    backgrounds,
    custom_poses,
    documentation,
    events,
    files,
    generate,
    generations,
    items,
    library,
    manifest,
    metrics,
    operations,
    pose_admin,
    pose_requests,
    projects,
    prometheus,
    receipts,
    shares,
    stats,
    studio,
    uploads,
    webhooks,
)
from api.services import open_services
from schema.settings import API_PREFIX, Settings
from workflows.gateway import GenerationGateway

PREFIX = API_PREFIX
DESCRIPTION = """\
Pictures of an avatar in many body poses. Pick poses of the library or describe one, pay with credits, and
watch the pictures arrive. Every failure has the shape `{"error": {message, code, statusCode, details?}}`.
"""
EXPOSED_HEADERS = ("X-Request-Id", "Idempotency-Replayed", "Retry-After", "RateLimit", "RateLimit-Policy")


def create_app(settings: Settings | None = None, *, gateway: GenerationGateway | None = None) -> FastAPI:
    """`gateway` stands in for the one that the settings lead to."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, gateway) as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Pose Generator",
        version=version("posegen"),
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        routes=_routes(),
        docs_url=None,  # ours is in routes.documentation
        redoc_url=None,
    )
    errors.install(app)
    openapi.install(app)
    _add_middleware(app, settings)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Worked out here, once in a process: the first request would wait a fifth of a second for it."""
    # One by one: FastAPI works routes out anew at each level of nesting.
    router = APIRouter(dependencies=[Depends(placed)])
    for resource in (
        generate,
        generations,
        archives,
        events,
        library,
        projects,
        avatars,
        custom_poses,
        uploads,
        items,
        backgrounds,
        receipts,
        shares,
        account,
        stats,
        metrics,
        pose_requests,
        pose_admin,
        webhooks,
        manifest,
    ):
        router.include_router(resource.router, prefix=PREFIX)
    router.include_router(operations.health_router, prefix=PREFIX)
    router.include_router(operations.probe_router)
    router.include_router(prometheus.router)
    router.include_router(files.router)
    router.include_router(studio.router)
    router.include_router(documentation.router)
    deque(iter_route_contexts(router.routes), maxlen=0)
    return router.routes


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    app.add_middleware(Limits, larger={f"{PREFIX}/uploads": uploads.BODY_LIMIT_BYTES})
    if settings.rate_limit_requests_per_minute:
        app.add_middleware(
            RequestLimit,
            prefix=f"{PREFIX}/",
            uncounted=f"{PREFIX}/health",
            per_minute=settings.rate_limit_requests_per_minute,
            addresses=Addresses(settings.trusted_proxies),
        )
    app.add_middleware(LastResort)
    if settings.cors_origin:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[origin.strip() for origin in settings.cors_origin.split(",")],
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "Last-Event-ID",
                "X-Request-Id",
            ],
            expose_headers=EXPOSED_HEADERS,
            max_age=600,
        )
    app.add_middleware(AccessLog)
    app.add_middleware(Envelope)
