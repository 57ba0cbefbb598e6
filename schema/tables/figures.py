"""Sums that are kept as things happen, so that no question about a user reads all of their rows.

They repeat what other rows say and are no truth of their own: the audit counts them again.
"""

import datetime as dt

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from schema.tables.columns import count, reference


class UserDay(SQLModel, table=True):
    """What happened to a user on one day (UTC).

    Settling counts a generation on the day it is settled and each of its pictures on the day its fate was
    decided; a trigger of the ledger counts credits on the day of their entry.
    """

    __tablename__ = "user_days"
    __table_args__ = (Index("user_days_by_day", "day"),)

    user_id: str = reference("users.id", on_delete="CASCADE", primary_key=True)
    day: dt.date = Field(primary_key=True)
    generations_completed: int = count()
    generations_partial: int = count()
    generations_failed: int = count()
    generations_cancelled: int = count()
    pictures_completed: int = count()
    pictures_failed: int = count()
    pictures_cancelled: int = count()
    generation_time_ms: int = count()
    """Of the delivered pictures together."""
    duration_ms: int = count()
    """From order to end, of the generations together that were not cancelled."""
    quota_charged: int = count()
    quota_returned: int = count()
    credits_charged: int = count()
    credits_refunded: int = count()


class UserPose(SQLModel, table=True):
    """How many delivered pictures of settled generations a user has of a pose."""

    __tablename__ = "user_poses"

    user_id: str = reference("users.id", on_delete="CASCADE", primary_key=True)
    pose_id: str = reference("pose_library.id", on_delete="CASCADE", primary_key=True, index=True)
    pictures: int = count()
