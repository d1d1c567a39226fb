"""A collector that keeps what it is sent by OTLP over HTTP."""

import asyncio
import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared.runtime.telemetry import latest
from shared.telemetry import tracing
from shared.telemetry.otlp import OtlpTracing, Telemetry
from shared.telemetry.requests import REQUESTS_HERE


@dataclass(frozen=True)
class Seen:
    """A span as it was sent. `parent` is '' for one that begins a trace; `links` are traces."""

    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, Any]
    failed: bool


class Collector:
    """`sent`: every message that came, as text, for who looks for words in it."""

    def __init__(self) -> None:
        self.address = ""
        self.sent: list[str] = []
        self.spans: list[Seen] = []
        self.series: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self.flush: Callable[[], None] = lambda: None

    def receive(self, path: str, body: bytes) -> None:
        if path == "/v1/traces":
            traces = ExportTraceServiceRequest.FromString(body)
            self.sent.append(str(traces))
            for resource in traces.resource_spans:
                self.spans += [_seen(span) for scope in resource.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            metrics = ExportMetricsServiceRequest.FromString(body)
            self.sent.append(str(metrics))
            for resource in metrics.resource_metrics:
                for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                    for point in (*metric.gauge.data_points, *metric.sum.data_points):
                        labels = tuple(sorted((one.key, one.value.string_value) for one in point.attributes))
                        self.series[metric.name, labels] = point.as_double or point.as_int
                    for point in metric.histogram.data_points:
                        self.series[metric.name, ()] = self.series.get((metric.name, ()), 0) + point.count
        else:
            raise AssertionError(f"nothing is sent to {path}")

    async def trace_with(self, *names: str, within: float = 30) -> list[Seen]:
        """The spans of the trace that has a span of each of these names."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            await asyncio.to_thread(self.flush)
            for trace in {span.trace for span in self.spans}:
                found = [span for span in self.spans if span.trace == trace]
                if set(names) <= {span.name for span in found}:
                    return found
            await asyncio.sleep(0.2)
        raise AssertionError(f"no such trace among {sorted({(span.trace, span.name) for span in self.spans})}")


def _seen(span: Any) -> Seen:
    attributes = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
    links = tuple(link.trace_id.hex() for link in span.links)
    return Seen(span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), links, attributes, span.status.code == 2)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port; this process sends to it until the block ends."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.receive(self.path, gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    collector.address = f"http://127.0.0.1:{server.server_port}"
    telemetry = Telemetry("test", collector.address, 1, REQUESTS_HERE, latest, 60)
    collector.flush = telemetry.flush
    tracing.trace_with(OtlpTracing(telemetry.tracer))
    try:
        yield collector
    finally:
        tracing.trace_with(None)
        REQUESTS_HERE.record = None
        telemetry.close()
        server.shutdown()
        server.server_close()
