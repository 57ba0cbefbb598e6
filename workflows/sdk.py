"""The Temporal SDK's own numbers and lines: they come where ours come, in the same form.

Its numbers arrive as a stream of changes that somebody must take; a thread does, scraped or not.
"""

import logging
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Metric
from prometheus_client.registry import Collector
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_HISTOGRAM,
    BufferedMetric,
    BufferedMetricUpdate,
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from telemetry.metrics import REGISTRY

PREFIX: Final = "posegen_temporal_"
BUFFER_SIZE: Final = 100_000
TAKE_EVERY_S: Final = 2.0
BUCKETS: Final = (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0)

Labels = tuple[tuple[str, str], ...]


def install(*, measured: bool) -> None:
    """For every client of this process; before the first is made. Once."""
    buffer = MetricBuffer(BUFFER_SIZE, MetricBufferDurationFormat.SECONDS) if measured else None
    lines = LoggingConfig(
        TelemetryFilter(core_level="WARN", other_level="ERROR"),
        LogForwardingConfig(logging.getLogger("temporalio.core")),
    )
    Runtime.set_default(
        Runtime(
            telemetry=TelemetryConfig(
                logging=lines, metrics=buffer, metric_prefix=PREFIX, attach_service_name=False
            )
        )
    )
    if buffer:
        numbers = SdkNumbers(buffer)
        REGISTRY.register(numbers)
        threading.Thread(target=numbers.keep_taking, name="sdk-metrics", daemon=True).start()


@dataclass
class _Series:
    """All that came of one metric, by its labels."""

    metric: BufferedMetric
    values: dict[Labels, float] = field(default_factory=dict)
    counts: dict[Labels, list[int]] = field(default_factory=dict)

    def add(self, labels: Labels, value: float) -> None:
        before = self.values.get(labels, 0)
        if self.metric.kind == BUFFERED_METRIC_KIND_COUNTER:
            self.values[labels] = before + value
        elif self.metric.kind == BUFFERED_METRIC_KIND_HISTOGRAM:
            self.values[labels] = before + value
            self.counts.setdefault(labels, [0] * (len(BUCKETS) + 1))[bisect_left(BUCKETS, value)] += 1
        else:
            self.values[labels] = value

    def shown(self) -> Metric:
        name, about = self.metric.name, self.metric.description or "Of the Temporal SDK."
        if self.metric.kind == BUFFERED_METRIC_KIND_HISTOGRAM:
            return self._histogram(Metric(f"{name}_seconds", about, "histogram"))
        counter = self.metric.kind == BUFFERED_METRIC_KIND_COUNTER
        shown = Metric(name, about, "counter" if counter else "gauge")
        for labels, value in self.values.items():
            shown.add_sample(f"{name}_total" if counter else name, dict(labels), value)
        return shown

    def _histogram(self, shown: Metric) -> Metric:
        for labels, counts in self.counts.items():
            total = 0
            for bound, count in zip([*map(str, BUCKETS), "+Inf"], counts, strict=True):
                total += count
                shown.add_sample(f"{shown.name}_bucket", {**dict(labels), "le": bound}, total)
            shown.add_sample(f"{shown.name}_count", dict(labels), total)
            shown.add_sample(f"{shown.name}_sum", dict(labels), self.values[labels])
        return shown


class SdkNumbers(Collector):
    def __init__(self, buffer: MetricBuffer) -> None:
        self._buffer = buffer
        self._lock = threading.Lock()
        self._series: dict[str, _Series] = {}

    def keep_taking(self) -> None:
        while True:
            self._take()
            threading.Event().wait(TAKE_EVERY_S)

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before it happens."""
        return ()

    def collect(self) -> Iterator[Metric]:
        self._take()
        with self._lock:
            shown = [series.shown() for series in self._series.values()]
        yield from shown

    def _take(self) -> None:
        with self._lock:
            for update in self._buffer.retrieve_updates():
                self._add(update)

    def _add(self, update: BufferedMetricUpdate) -> None:
        series = self._series.setdefault(update.metric.name, _Series(update.metric))
        series.add(
            tuple(sorted((name, str(value)) for name, value in update.attributes.items())), update.value
        )
