"""The daily quota of the unlimited tier. These work on a locked user's row and touch no database."""

from datetime import datetime, timedelta
from typing import Protocol

from schema.errors import QuotaExceeded
from schema.tables import User

WINDOW = timedelta(hours=24)


class Taken(Protocol):
    """What was paid from the quota: a generation, or another background."""

    quota_charged: int
    quota_returned: int
    quota_window_ends_at: datetime | None


def unlimited(user: User, at: datetime) -> bool:
    expires_at = user.unlimited_expires_at
    return user.unlimited_pose_active and (expires_at is None or expires_at > at)


def used_items(user: User, at: datetime) -> int:
    return user.unlimited_used_items if window_ends_at(user, at) else 0


def window_ends_at(user: User, at: datetime) -> datetime | None:
    """None while no window is open."""
    ends_at = user.unlimited_window_ends_at
    return ends_at if ends_at and ends_at > at else None


def take(user: User, items: int, at: datetime) -> datetime:
    """Answers when the window ends; it begins with its first use."""
    used = used_items(user, at)
    ends_at = window_ends_at(user, at) or at + WINDOW
    available = max(user.unlimited_daily_quota_items - used, 0)
    if items > available:
        raise QuotaExceeded(
            f"Daily quota exceeded. Required: {items}, Available: {available}",
            details={"required": items, "available": available, "resetsAt": ends_at.isoformat()},
            retry_after_s=(ends_at - at).total_seconds(),
        )
    user.unlimited_used_items = used + items
    user.unlimited_window_ends_at = ends_at
    return ends_at


def give_back(user: User, taken: Taken, items: int) -> None:
    """Only into the window it was taken from: a later one never owed it."""
    if taken.quota_charged and user.unlimited_window_ends_at == taken.quota_window_ends_at:
        returned = min(items, user.unlimited_used_items)
        user.unlimited_used_items -= returned
        taken.quota_returned += returned
