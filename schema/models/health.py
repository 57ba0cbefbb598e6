"""How the service is."""

from datetime import datetime
from enum import StrEnum

from schema.models.base import ApiModel


class Condition(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Check(ApiModel):
    status: Condition


class QueueView(ApiModel):
    pollers: int
    backlog: int


class WorkersCheck(Check):
    queues: dict[str, QueueView]


class Checks(ApiModel):
    database: Check
    temporal: Check
    workers: WorkersCheck
    storage: Check


class HealthAnswer(ApiModel):
    status: Condition
    timestamp: datetime
    app: str
    version: str
    checks: Checks


class Alive(ApiModel):
    status: str = "ok"
