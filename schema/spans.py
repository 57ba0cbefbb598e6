"""Spans of time as a question names them: by days or by moments, never longer than a year."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from schema.errors import ValidationFailed

LONGEST = timedelta(days=366)
USUAL = timedelta(days=30)
DAY = timedelta(days=1)
YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Span:
    """From `start` on, up to `end` but without it."""

    start: datetime
    end: datetime

    @property
    def whole_days(self) -> tuple[datetime, datetime]:
        """The midnights (UTC) between which they lie; twice the end when there are none."""
        first, last = midnight(self.start + DAY - timedelta(microseconds=1)), midnight(self.end)
        return (first, last) if first <= last else (self.end, self.end)


def midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def asked(start_text: str | None, end_text: str | None, at: datetime) -> Span:
    """A day as the end lies in the span; a moment does not."""
    end = _moment("endDate", end_text, days_later=1) if end_text else at
    start = _moment("startDate", start_text) if start_text else end - USUAL
    if start >= end:
        raise _fault("startDate", "must be before endDate")
    if end - start > LONGEST:
        raise _fault("startDate", f"must be at most {LONGEST.days} days before endDate")
    return Span(start, end)


def _moment(name: str, text: str, days_later: int = 0) -> datetime:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            moment = datetime.combine(date.fromisoformat(text), time(), UTC) + days_later * DAY
        else:
            moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        moment = datetime.min  # noqa: DTZ901 - refused below
    if moment.year not in YEARS:
        raise _fault(name, "must be an ISO day or moment, like 2026-11-01 or 2026-11-01T08:00:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fault(path: str, message: str) -> ValidationFailed:
    details = [{"path": path, "in": "query", "message": message}]
    return ValidationFailed(f"{path}: {message}", details=details)
