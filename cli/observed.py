"""What a process that serves tells of itself: lines, numbers and traces."""

from collections.abc import Iterator
from contextlib import contextmanager

from schema.errors import Unavailable
from schema.settings import Settings
from telemetry import logs, traces
from workflows import sdk


@contextmanager
def observed(given: Settings, service: str, *, measured: bool) -> Iterator[None]:
    """Before the first Temporal client is made, and until the last one is closed."""
    logs.install(given.log_format, given.log_level, given.secrets)
    sdk.install(measured=measured)
    try:
        with traces.exported(given.otel_exporter_otlp_endpoint, service, given.otel_sample_ratio):
            yield
    except traces.NotInstalled as error:
        raise Unavailable(str(error)) from error
