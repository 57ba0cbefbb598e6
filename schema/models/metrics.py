"""The figures of all users, for administrators. Cancelled is neither success nor failure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import Field

from schema.errors import SENTENCES
from schema.models.base import ApiModel, UrlOf, optional_url
from schema.models.stats import mean, share
from schema.queries.figures import Figures
from schema.queries.metrics import ErrorCount, PopularPose
from schema.spans import Span


class SpanView(ApiModel):
    start_date: datetime
    end_date: datetime = Field(description="Not in the span any more.")


class ErrorCodeCount(ApiModel):
    code: str
    count: int


class MetricsAnswer(SpanView):
    total_generations: int = Field(description="Those that ended in the span, cancelled ones among them.")
    successful_generations: int = Field(description="Everything was delivered.")
    partial_generations: int = Field(description="Some was delivered, the rest refunded.")
    failed_generations: int = Field(description="Nothing was delivered, all was refunded.")
    cancelled_generations: int = Field(description="Neither success nor failure.")
    success_rate: float | None = Field(
        description="Successful among successful, partial and failed ones, 0 to 1; null when there are none."
    )
    avg_duration_ms: int | None = Field(
        description="From order to end, pauses included, of all but the cancelled; null when there are none."
    )
    total_poses_generated: int = Field(description="Pictures delivered in the span.")
    total_poses_failed: int = Field(description="Pictures given up in the span, without cancelled ones.")
    average_time_ms: int | None = Field(
        description="How long the image service took for a delivered picture; null when there are none."
    )
    total_credits_used: int = Field(description="The ledger's charges in the span, before refunds.")
    total_credits_refunded: int = Field(description="The ledger's refunds in the span.")
    refund_rate: float | None = Field(
        description="Refunded by charged credits; above 1 when the span refunds what was charged before it."
    )
    top_error_codes: list[ErrorCodeCount] = Field(description="Of the pictures given up, at most ten.")

    @classmethod
    def of(cls, span: Span, of: Figures, errors: Iterable[ErrorCount]) -> "MetricsAnswer":
        tried = of.generations_completed + of.generations_partial + of.generations_failed
        return cls(
            start_date=span.start,
            end_date=span.end,
            total_generations=tried + of.generations_cancelled,
            successful_generations=of.generations_completed,
            partial_generations=of.generations_partial,
            failed_generations=of.generations_failed,
            cancelled_generations=of.generations_cancelled,
            success_rate=share(of.generations_completed, tried),
            avg_duration_ms=mean(of.duration_ms, tried),
            total_poses_generated=of.pictures_completed,
            total_poses_failed=of.pictures_failed,
            average_time_ms=mean(of.generation_time_ms, of.pictures_completed),
            total_credits_used=of.credits_charged,
            total_credits_refunded=of.credits_refunded,
            refund_rate=share(of.credits_refunded, of.credits_charged),
            top_error_codes=[ErrorCodeCount(code=error.code, count=error.count) for error in errors],
        )


class StuckView(ApiModel):
    """A generation whose pictures have been under way for longer than is usual."""

    generation_id: str
    status: str
    items_total: int
    items_done: int
    items_failed: int
    started_at: datetime
    workflow_url: str
    """Of the Temporal Web UI."""


class RunningAnswer(ApiModel):
    running: int
    """Generations that have not ended, paused ones among them."""
    ui_url: str
    """Of the Temporal Web UI."""
    degraded: list[StuckView]


class TopUserView(ApiModel):
    user_id: str
    generations: int = Field(description="Those that ended in the span, cancelled ones among them.")
    items_delivered: int
    items_failed: int
    credits_used: int = Field(description="Charges, before refunds.")
    credits_refunded: int

    @classmethod
    def of(cls, user_id: str, of: Figures) -> "TopUserView":
        return cls(
            user_id=user_id,
            generations=of.generations_completed
            + of.generations_partial
            + of.generations_failed
            + of.generations_cancelled,
            items_delivered=of.pictures_completed,
            items_failed=of.pictures_failed,
            credits_used=of.credits_charged,
            credits_refunded=of.credits_refunded,
        )


class TopUsersAnswer(SpanView):
    users: list[TopUserView] = Field(description="Most delivered pictures first.")


class PopularPoseView(ApiModel):
    pose_id: str
    name: str
    category_id: str
    thumbnail_url: str | None
    items: int = Field(description="Pictures delivered in the span.")
    share: float | None = Field(description="Among those of all poses of the library, 0 to 1.")

    @classmethod
    def of(cls, pose: PopularPose, url: UrlOf) -> "PopularPoseView":
        return cls(
            pose_id=pose.id,
            name=pose.name,
            category_id=pose.category_id,
            thumbnail_url=optional_url(url, pose.thumbnail_key),
            items=pose.pictures,
            share=share(pose.pictures, pose.of_all),
        )


class PopularPosesAnswer(SpanView):
    poses: list[PopularPoseView] = Field(description="Of the library; poses of projects never take part.")


class ErrorView(ApiModel):
    code: str
    message: str = Field(description="What users are told.")
    count: int
    share: float | None = Field(description="Among all pictures given up in the span, 0 to 1.")
    last_seen_at: datetime
    providers: dict[str, int] = Field(
        description="How many by the image provider in use; `unknown` where none was noted."
    )

    @classmethod
    def of(cls, error: ErrorCount, of_all: int) -> "ErrorView":
        return cls(
            code=error.code,
            message=SENTENCES.get(error.code, SENTENCES["INTERNAL"]),
            count=error.count,
            share=share(error.count, of_all),
            last_seen_at=error.last_seen_at,
            providers=error.providers,
        )


class ErrorsAnswer(SpanView):
    total: int = Field(description="Pictures given up in the span; cancelled ones are not among them.")
    errors: list[ErrorView] = Field(description="Most frequent first.")

    @classmethod
    def of(cls, span: Span, errors: Sequence[ErrorCount], limit: int) -> "ErrorsAnswer":
        total = sum(error.count for error in errors)
        views = [ErrorView.of(error, total) for error in errors[:limit]]
        return cls(start_date=span.start, end_date=span.end, total=total, errors=views)
