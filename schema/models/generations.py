"""Generations as a client sees them: history, status, results, and what control requests answer."""

from datetime import datetime
from typing import Any

from schema.kinds import GenerationStatus, GenerationType
from schema.messages.fates import Progress
from schema.models.backgrounds import BackgroundView
from schema.models.base import ApiModel
from schema.models.items import ItemView
from schema.tables import Generation


class GenerationView(ApiModel):
    """One generation: what was ordered, what it cost and how far it is."""

    id: str
    project_id: str
    generation_type: GenerationType
    status: GenerationStatus
    prompt: str | None
    text_prompt: str | None
    batch_size: int
    output_formats: list[str]
    seed: int
    background: BackgroundView | None
    avatar_id: str | None
    retry_of: str | None
    generated_pose_structure: dict[str, Any] | None
    """In text mode: which library pose was found, how sure, and whether its map was used."""
    total_expected_poses: int
    poses_completed: int
    poses_failed: int
    credit_charged: int
    credit_refunded: int
    quota_charged: int
    quota_returned: int
    error_code: str | None
    created_at: datetime
    estimated_completion_time: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, row: Generation, progress: Progress | None = None) -> "GenerationView":
        view = cls.model_validate(
            row.model_dump()
            | {"estimated_completion_time": row.estimated_completion_at, "completed_at": row.settled_at}
        )
        return view.at(progress) if progress else view

    def at(self, progress: Progress) -> "GenerationView":
        """The workflow knows its counts sooner than the row does."""
        return self.model_copy(
            update={
                "status": progress.status,
                "poses_completed": progress.completed,
                "poses_failed": progress.failed,
                "credit_refunded": progress.credits_refunded,
                "error_code": progress.error_code,
            }
        )


class ProgressView(ApiModel):
    percentage: int
    poses_completed: int
    poses_failed: int
    poses_total: int
    current_status: GenerationStatus
    estimated_time_remaining: int | None
    """Seconds; null while nobody can tell."""

    @classmethod
    def of(cls, progress: Progress) -> "ProgressView":
        return cls(
            percentage=progress.percentage,
            poses_completed=progress.completed,
            poses_failed=progress.failed,
            poses_total=progress.total,
            current_status=progress.status,
            estimated_time_remaining=progress.eta_s,
        )


class StatusAnswer(ApiModel):
    generation: GenerationView
    progress: ProgressView
    stale: bool
    """True when the workflow could not be asked and the database answered in its place."""

    @classmethod
    def of(cls, row: Generation, progress: Progress) -> "StatusAnswer":
        return cls(
            generation=GenerationView.of(row, progress),
            progress=ProgressView.of(progress),
            stale=progress.stale,
        )


class HistoryAnswer(ApiModel):
    generations: list[GenerationView]
    next_cursor: str | None


class ResultsHead(ApiModel):
    id: str
    status: GenerationStatus
    total_poses: int
    success_count: int
    failed_count: int
    credit_charged: int
    credit_refunded: int

    @classmethod
    def of(cls, row: Generation) -> "ResultsHead":
        return cls(
            id=row.id,
            status=GenerationStatus(row.status),
            total_poses=row.total_expected_poses,
            success_count=row.poses_completed,
            failed_count=row.poses_failed,
            credit_charged=row.credit_charged,
            credit_refunded=row.credit_refunded,
        )


class ResultsAnswer(ApiModel):
    results: list[ItemView]
    generation: ResultsHead
    next_cursor: str | None


class ControlAnswer(ApiModel):
    generation_id: str
    status: GenerationStatus
    message: str


class TicketAnswer(ApiModel):
    ticket: str
    expires_in: int
    """Seconds."""
