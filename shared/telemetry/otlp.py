"""Traces and measurements by OTLP over HTTP, through the SDK of OpenTelemetry. Imported only while tracing is on.

What leaves the process is looked at once more: attributes that are not in `KNOWN`, texts of statuses and messages of exceptions stay
here, since a library may put anything into them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    get_current_span,
    set_span_in_context,
)

from shared.telemetry.measured import ALL, HISTOGRAM, Measure, Measurement
from shared.telemetry.requests import Requests
from shared.telemetry.tracing import Attributes, Kind, OpenSpan

SCOPE = "triptych"
KNOWN = frozenset({
    "error.type", "http.request.method", "http.response.status_code", "http.route", "messaging.destination.name", "messaging.system",
    "temporalActivityID", "temporalActivityType", "temporalRunID", "temporalWorkflowID",
    "triptych.batch", "triptych.case", "triptych.cases", "triptych.event",
})  # fmt: skip
"""Ids, codes, templates of routes, numbers."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds: OpenTelemetry's proposal for requests, without those that nobody asks for."""
SECONDS_TO_EXPORT = 5
Latest = Callable[[], Sequence[Measurement]]


class KnownOnly(SpanExporter):
    """Passes on what is known not to be personal."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([known(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def known(span: ReadableSpan) -> ReadableSpan:
    """The span without attributes that are not known, without events, which are exceptions with their messages, and without the text of its
    status."""
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes if attributes.keys() <= KNOWN else {name: value for name, value in attributes.items() if name in KNOWN},
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )


class Described:
    """A span that is open (`tracing.OpenSpan`)."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def describe(self, name: str, attributes: Attributes) -> None:
        self._span.update_name(name)
        self._span.set_attributes(attributes)


class OtlpTracing:
    """`tracing.Tracing`."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    @contextmanager
    def span(self, name: str, kind: Kind, parent: str | None, links: Sequence[str], attributes: Attributes) -> Iterator[OpenSpan]:
        linked = [Link(context_of(link)) for link in links]
        with self.tracer.start_as_current_span(
            name, _inside(parent), SpanKind[kind], attributes, linked, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield Described(span)
            except BaseException as error:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__qualname__)
                raise

    def ended(self, name: str, kind: Kind, parent: str | None, begun_nanoseconds: int, attributes: Attributes) -> None:
        self.tracer.start_span(name, _inside(parent), SpanKind[kind], attributes, start_time=begun_nanoseconds).end()

    def traceparent(self) -> str | None:
        context = get_current_span().get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}" if context.is_valid else None


def _inside(parent: str | None) -> Context | None:
    return set_span_in_context(NonRecordingSpan(context_of(parent))) if parent else None


def context_of(traceparent: str) -> SpanContext:
    _, trace, span, flags = traceparent.split("-")
    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


class Telemetry:
    """Both providers of a process. `share`: of the traces that begin here, how many are recorded, 0 to 1; one that began elsewhere is
    recorded if it is there."""

    def __init__(self, process: str, address: str, share: float, requests: Requests, latest: Latest, export_seconds: float) -> None:
        resource = Resource.create({"service.namespace": "triptych", "service.name": process})
        self.traces = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(share)))
        spans = OTLPSpanExporter(endpoint=f"{address}/v1/traces", timeout=SECONDS_TO_EXPORT)
        self.traces.add_span_processor(BatchSpanProcessor(KnownOnly(spans), schedule_delay_millis=1_000))
        self.tracer = self.traces.get_tracer(SCOPE)
        sent = OTLPMetricExporter(endpoint=f"{address}/v1/metrics", timeout=SECONDS_TO_EXPORT)
        reader = PeriodicExportingMetricReader(sent, export_interval_millis=export_seconds * 1_000)
        buckets = View(instrument_name=HISTOGRAM, aggregation=ExplicitBucketHistogramAggregation(BUCKETS))
        self.metrics = MeterProvider([reader], resource, views=[buckets])
        self._observe(requests, latest)

    def _observe(self, requests: Requests, latest: Latest) -> None:
        meter = self.metrics.get_meter(SCOPE)
        requests.record = meter.create_histogram(HISTOGRAM, unit="s", description="how long requests took").record

        def all_of_now() -> list[Measurement]:
            return [*requests.measurements(), *latest()]

        for measure in ALL:
            create = meter.create_observable_counter if measure.counts else meter.create_observable_gauge
            create(measure.name, [_callback(measure, all_of_now)], measure.unit, measure.says)

    def flush(self) -> None:
        """Sends what has not been sent."""
        self.traces.force_flush()
        self.metrics.force_flush()

    def close(self) -> None:
        self.traces.shutdown()
        self.metrics.shutdown()


def _callback(measure: Measure, latest: Latest) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(one.value, dict(one.labels)) for one in latest() if one.measure is measure]

    return observe
