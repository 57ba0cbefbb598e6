"""Column shapes that recur. Rules that PostgreSQL enforces beyond them are written in the migrations."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, DateTime, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def now() -> datetime:
    return datetime.now(UTC)


def moment(**options: Any) -> Any:
    return Field(default=None, sa_type=DateTime(timezone=True), **options)


def created() -> Any:
    return Field(default_factory=now, sa_type=DateTime(timezone=True), nullable=False)


def count() -> Any:
    """A sum that only grows; rows may begin without it, also those that a trigger writes."""
    return Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


def words() -> Any:
    return Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)


def document(**options: Any) -> Any:
    """None is stored as NULL, not as the JSON word null."""
    return Field(sa_type=JSONB(none_as_null=True), **options)


def reference(target: str, *, on_delete: str, **options: Any) -> Any:
    return Field(sa_column_args=[ForeignKey(target, ondelete=on_delete)], **options)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def at_least(column: str, least: int) -> CheckConstraint:
    return CheckConstraint(f"{column} >= {least}", name=f"{column}_least")
