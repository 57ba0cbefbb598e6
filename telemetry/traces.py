"""Traces, for who has a collector: one order is one trace, from its request to the call of the image service.

Without OTEL_EXPORTER_OTLP_ENDPOINT nothing of OpenTelemetry is loaded, and a span is nothing.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from temporalio.contrib.opentelemetry import TracingInterceptor

    from telemetry.otel import Tracing

Note = Callable[[Mapping[str, str | int]], None]
"""Adds attributes to a span; an `error.type` among them marks it as failed."""

_tracing: "Tracing | None" = None


class NotInstalled(Exception):
    def __init__(self) -> None:
        super().__init__("OTEL_EXPORTER_OTLP_ENDPOINT is set; traces need: pip install 'posegen[otel]'")


@contextmanager
def exported(endpoint: str | None, service: str, ratio: float) -> Iterator[None]:
    """For as long as the program runs; what is still to be sent is sent at the end."""
    global _tracing  # noqa: PLW0603 - one exporter for the process, as there is one log
    if endpoint is None:
        yield
        return
    try:
        otel = importlib.import_module("telemetry.otel")
    except ModuleNotFoundError as error:
        raise NotInstalled from error
    begun: Tracing = otel.Tracing(endpoint, service, ratio)
    _tracing = begun
    try:
        yield
    finally:
        _tracing = None
        begun.close()


def interceptors() -> "list[TracingInterceptor]":
    """Temporal's own, which carries a trace through workflows and activities."""
    return [_tracing.interceptor] if _tracing else []


def answering(name: str, headers: Mapping[str, str]) -> AbstractContextManager[Note]:
    """A request that came in, as part of its caller's trace if it has one."""
    return _tracing.span(name, headers) if _tracing else nullcontext(_forget)


def calling(name: str) -> AbstractContextManager[Note]:
    """A call of another service, in the trace of whatever goes on."""
    return _tracing.span(name) if _tracing else nullcontext(_forget)


def trace_id() -> str | None:
    return _tracing.trace_id() if _tracing else None


def _forget(_: Mapping[str, str | int]) -> None: ...
