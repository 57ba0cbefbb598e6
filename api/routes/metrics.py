"""The figures of all users over a span of time. For administrators."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import Admin, DbSession, Parts, Urls
from api.openapi import failures
from schema import spans
from schema.errors import Forbidden
from schema.models.metrics import (
    ErrorsAnswer,
    MetricsAnswer,
    PopularPosesAnswer,
    PopularPoseView,
    RunningAnswer,
    StuckView,
    TopUsersAnswer,
    TopUserView,
)
from schema.queries import metrics
from schema.spans import Span
from schema.tables.columns import now

router = APIRouter(prefix="/metrics", tags=["metrics"])

MOST_CODES = 10
StartDate = Annotated[
    str | None,
    Query(
        alias="startDate",
        max_length=40,
        description="A day, from its beginning, or a moment; UTC unless it says otherwise. Usually 30 days "
        "before the end, at most 366.",
        examples=["2026-11-01"],
    ),
]
EndDate = Annotated[
    str | None,
    Query(
        alias="endDate",
        max_length=40,
        description="A day lies in the span, whole; a moment is the first not in it. Usually now.",
        examples=["2026-11-30"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=100)]


async def asked_span(start_date: StartDate = None, end_date: EndDate = None) -> Span:
    return spans.asked(start_date, end_date, now())


SpanDep = Annotated[Span, Depends(asked_span)]


@router.get(
    "",
    summary="How the service did",
    operation_id="getMetrics",
    responses=failures(Forbidden),
)
async def totals(session: DbSession, _admin: Admin, span: SpanDep) -> MetricsAnswer:
    """For administrators. Each thing counts when it happens: a generation at its end, a picture when its fate
    is decided, credits when the ledger moves. Cancelled is neither success nor failure."""
    found = await metrics.totals(session, span)
    errors = await metrics.errors(session, span)
    return MetricsAnswer.of(span, found, errors[:MOST_CODES])


@router.get(
    "/running",
    summary="What runs now",
    operation_id="getRunning",
    responses=failures(Forbidden),
)
async def running(parts: Parts, _admin: Admin, limit: Limit = 20) -> RunningAnswer:
    """For administrators. Of all users, as Temporal has it; with the runs that are stuck in retries."""
    found = await parts.gateway.running(limit)
    ui_url = f"{parts.settings.temporal_ui_url}/namespaces/{parts.settings.temporal_namespace}"
    stuck = [
        StuckView.model_validate(asdict(run) | {"workflow_url": f"{ui_url}/workflows/{run.generation_id}"})
        for run in found.stuck
    ]
    return RunningAnswer(running=found.count, ui_url=ui_url, degraded=stuck)


@router.get(
    "/top-users",
    summary="Who made most",
    operation_id="getTopUsers",
    responses=failures(Forbidden),
)
async def top_users(session: DbSession, _admin: Admin, span: SpanDep, limit: Limit = 10) -> TopUsersAnswer:
    """For administrators. By delivered pictures."""
    found = await metrics.top_users(session, span, limit)
    return TopUsersAnswer(
        start_date=span.start, end_date=span.end, users=[TopUserView.of(user_id, of) for user_id, of in found]
    )


@router.get(
    "/popular-poses",
    summary="Which poses were used most",
    operation_id="getPopularPoses",
    responses=failures(Forbidden),
)
async def popular_poses(
    *, session: DbSession, _admin: Admin, url: Urls, span: SpanDep, limit: Limit = 10
) -> PopularPosesAnswer:
    """For administrators. By delivered pictures, of the library's poses only."""
    found = await metrics.popular_poses(session, span, limit)
    return PopularPosesAnswer(
        start_date=span.start, end_date=span.end, poses=[PopularPoseView.of(pose, url) for pose in found]
    )


@router.get(
    "/errors",
    summary="Why pictures were given up",
    operation_id="getErrors",
    responses=failures(Forbidden),
)
async def errors(session: DbSession, _admin: Admin, span: SpanDep, limit: Limit = 20) -> ErrorsAnswer:
    """For administrators. By error code; cancelled pictures are no errors."""
    return ErrorsAnswer.of(span, await metrics.errors(session, span), limit)
