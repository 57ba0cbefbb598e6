"""The service's own clock, set by a test: rows get the time that the test says it is."""

from datetime import UTC, datetime, tzinfo

import pytest

from schema.tables import columns


class Clock:
    """Stands in for `datetime` where `columns.now` asks it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
        self.at = at
        monkeypatch.setattr(columns, "datetime", self)

    def now(self, zone: tzinfo) -> datetime:
        assert zone is UTC
        return self.at
