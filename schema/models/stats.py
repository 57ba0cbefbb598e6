"""A user's own figures. Days are UTC; cancelled is neither success nor failure."""

import datetime as dt
from typing import Any, Self

from pydantic import Field

from schema.models.base import ApiModel, UrlOf, optional_url
from schema.models.credits import UnlimitedView
from schema.queries.figures import Figures
from schema.queries.stats import Stats, TopPose


def share(part: int, of_all: int) -> float | None:
    return round(part / of_all, 4) if of_all else None


def mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None


class EndedGenerations(ApiModel):
    completed: int = Field(description="Everything was delivered.")
    partial: int = Field(description="Some was delivered, the rest refunded.")
    failed: int = Field(description="Nothing was delivered, all was refunded.")
    cancelled: int


class RunningGenerations(ApiModel):
    pending: int = 0
    processing: int = 0
    paused: int = 0


class ItemCounts(ApiModel):
    delivered: int
    failed: int
    cancelled: int


class CreditFlow(ApiModel):
    charged: int
    refunded: int
    net: int = Field(description="Spent: charged less refunded.")


class QuotaFlow(ApiModel):
    taken: int
    returned: int
    net: int = Field(description="Used: taken less returned.")


class FiguresView(ApiModel):
    generations: EndedGenerations = Field(description="Those that ended, by how; each on the day of its end.")
    items: ItemCounts = Field(description="Pictures, each on the day on which its fate was decided.")
    success_rate: float | None = Field(
        description="Delivered among delivered and failed pictures, 0 to 1; null when there are none."
    )
    average_time_ms: int | None = Field(
        description="How long the image service took for a delivered picture; null when there are none."
    )
    credits: CreditFlow = Field(description="The ledger's charges and refunds, each on the day of its entry.")
    quota: QuotaFlow = Field(
        description="Pictures paid with the unlimited tier's quota, on the day of their generation's end."
    )

    @classmethod
    def of(cls, figures: Figures, **more: Any) -> Self:
        charged, refunded = figures.credits_charged, figures.credits_refunded
        taken, returned = figures.quota_charged, figures.quota_returned
        delivered, failed = figures.pictures_completed, figures.pictures_failed
        return cls(
            generations=EndedGenerations(
                completed=figures.generations_completed,
                partial=figures.generations_partial,
                failed=figures.generations_failed,
                cancelled=figures.generations_cancelled,
            ),
            items=ItemCounts(delivered=delivered, failed=failed, cancelled=figures.pictures_cancelled),
            success_rate=share(delivered, delivered + failed),
            average_time_ms=mean(figures.generation_time_ms, delivered),
            credits=CreditFlow(charged=charged, refunded=refunded, net=charged - refunded),
            quota=QuotaFlow(taken=taken, returned=returned, net=taken - returned),
            **more,
        )


class DayView(FiguresView):
    date: dt.date


class TopPoseView(ApiModel):
    pose_id: str
    name: str
    thumbnail_url: str | None
    is_custom: bool = Field(description="A pose of one of the user's own projects.")
    items: int = Field(description="Delivered pictures.")


class FavoriteCounts(ApiModel):
    poses: int
    items: int


class StatsAnswer(ApiModel):
    totals: FiguresView
    running: RunningGenerations = Field(description="Generations that have not ended, by their status now.")
    last_7_days: FiguresView = Field(description="Today, which is not over yet, and the six days before.")
    last_30_days: FiguresView = Field(description="Today and the 29 days before.")
    days: list[DayView] = Field(description="The last 30 days one by one, oldest first, empty ones included.")
    unlimited: UnlimitedView | None = Field(description="The daily quota and its use now, as in `/credits`.")
    top_poses: list[TopPoseView] = Field(description="Up to five, most delivered pictures first.")
    favorites: FavoriteCounts

    @classmethod
    def of(cls, stats: Stats, unlimited: UnlimitedView | None, url: UrlOf) -> "StatsAnswer":
        days = list(stats.days.values())
        return cls(
            totals=FiguresView.of(Figures.total([stats.before, *days])),
            running=RunningGenerations.model_validate(stats.running),
            last_7_days=FiguresView.of(Figures.total(days[-7:])),
            last_30_days=FiguresView.of(Figures.total(days)),
            days=[DayView.of(figures, date=day) for day, figures in stats.days.items()],
            unlimited=unlimited,
            top_poses=[_top(pose, url) for pose in stats.top_poses],
            favorites=FavoriteCounts(poses=stats.favorites.poses, items=stats.favorites.pictures),
        )


def _top(pose: TopPose, url: UrlOf) -> TopPoseView:
    return TopPoseView(
        pose_id=pose.id,
        name=pose.name,
        thumbnail_url=optional_url(url, pose.thumbnail_key),
        is_custom=pose.is_custom,
        items=pose.pictures,
    )
