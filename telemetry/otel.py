"""OpenTelemetry itself: loaded only where a collector is configured."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.contrib.opentelemetry import TracingInterceptor

from telemetry.traces import Note

UNASKED: Final = ("QueryWorkflow:", "HandleQuery:")
"""The looks at a running generation, a few a second for each that is watched: they would bury its story."""


class Tracing:
    def __init__(self, endpoint: str, service: str, ratio: float) -> None:
        self._provider = TracerProvider(
            sampler=_Sampler(ratio),
            resource=Resource.create({SERVICE_NAME: service, SERVICE_VERSION: version("posegen")}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("posegen", version("posegen"))
        self.interceptor = TracingInterceptor(self._tracer)

    @contextmanager
    def span(self, name: str, headers: Mapping[str, str] | None = None) -> Iterator[Note]:
        """Failures are told by their code alone: what they say may quote a user."""
        above = TraceContextTextMapPropagator().extract(headers) if headers is not None else None
        kind = SpanKind.CLIENT if headers is None else SpanKind.SERVER
        with self._tracer.start_as_current_span(
            name, above, kind, record_exception=False, set_status_on_exception=False
        ) as span:

            def note(attributes: Mapping[str, str | int]) -> None:
                span.set_attributes(attributes)
                if route := attributes.get("http.route"):
                    span.update_name(f"{name} {route}")
                if "error.type" in attributes:
                    span.set_status(Status(StatusCode.ERROR, str(attributes["error.type"])))

            yield note

    def trace_id(self) -> str | None:
        found = get_current_span().get_span_context()
        return f"{found.trace_id:032x}" if found.is_valid else None

    def close(self) -> None:
        self._provider.shutdown()


class _Sampler(Sampler):
    def __init__(self, ratio: float) -> None:
        self._usual = ParentBased(TraceIdRatioBased(ratio))

    def should_sample(
        self, parent_context: Any, trace_id: int, name: str, *args: Any, **more: Any
    ) -> SamplingResult:
        if name.startswith(UNASKED):
            return SamplingResult(Decision.DROP)
        return self._usual.should_sample(parent_context, trace_id, name, *args, **more)

    def get_description(self) -> str:
        return "all but queries"
