"""What this process counts. Labels are names of ours, never ids of users: their number stays small for ever.

Each process has its own numbers, from its start; Prometheus adds them up and knows about restarts.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from platform import python_version
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from telemetry import traces

# A second number for each counter, which Prometheus does not need.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library says no types here

REGISTRY: Final = CollectorRegistry()
ProcessCollector(namespace="posegen", registry=REGISTRY)

OK: Final = "OK"

HTTP_REQUESTS: Final = Counter(
    "posegen_http_requests",
    "Answers given, by route and status.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
HTTP_SECONDS: Final = Histogram(
    "posegen_http_request_duration_seconds",
    "From the request to the beginning of its answer; streams and downloads go on after it.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
SSE_STREAMS: Final = Gauge("posegen_sse_streams_open", "Event streams open now.", registry=REGISTRY)
POOL: Final = Gauge(
    "posegen_database_pool_connections",
    "Connections to the database: those in use, and how many there may be.",
    ("pool", "state"),
    registry=REGISTRY,
)
BACKLOG: Final = Gauge(
    "posegen_task_queue_backlog", "Tasks that wait for a worker.", ("queue",), registry=REGISTRY
)
BACKLOG_AGE: Final = Gauge(
    "posegen_task_queue_backlog_age_seconds",
    "How long the first of them has waited.",
    ("queue",),
    registry=REGISTRY,
)
POLLERS: Final = Gauge(
    "posegen_task_queue_pollers", "Workers that ask a task queue for work.", ("queue",), registry=REGISTRY
)
IMBALANCES: Final = Gauge(
    "posegen_ledger_imbalances",
    "Rows that break a rule of the ledger: anything but 0 is money lost or made. NaN: not known.",
    ("rule",),
    registry=REGISTRY,
)
ITEMS: Final = Counter(
    "posegen_items",
    "Pictures whose fate was decided, by the provider and the code of the failure.",
    ("outcome", "provider", "code"),
    registry=REGISTRY,
)
CREDITS: Final = Counter(
    "posegen_credits", "Credits moved in the ledger, by the kind of entry.", ("type",), registry=REGISTRY
)
PROVIDER_SECONDS: Final = Histogram(
    "posegen_provider_call_duration_seconds",
    "Calls of image services, by what came of them; a resumed call counts from where it was resumed.",
    ("provider", "outcome"),
    buckets=(0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180),
    registry=REGISTRY,
)
PROVIDER_CALLS: Final = Gauge(
    "posegen_provider_calls_in_flight", "Calls of image services under way.", ("provider",), registry=REGISTRY
)
WEBHOOK_ATTEMPTS: Final = Counter(
    "posegen_webhook_attempts", "Calls to users' receivers, by outcome.", ("outcome",), registry=REGISTRY
)
Gauge("posegen_build_info", "What runs here; always 1.", ("version", "python"), registry=REGISTRY).labels(
    version("posegen"), python_version()
).set(1)


@contextmanager
def provider_call(provider: str) -> Iterator[None]:
    """The outcome is the code of the failure; whatever has none was not the provider's doing."""
    started = time.monotonic()
    outcome = OK
    with PROVIDER_CALLS.labels(provider).track_inprogress(), traces.calling(f"provider {provider}") as note:
        try:
            yield
        except BaseException as error:
            outcome = str(getattr(error, "code", "ABANDONED"))
            note({"error.type": outcome})
            raise
        finally:
            PROVIDER_SECONDS.labels(provider, outcome).observe(time.monotonic() - started)
