"""What is measured: the one list of names, which dashboards, alert rules and `triptych status` use. A measurement has counts, seconds,
minor units and labels of closed vocabularies; never a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """`name` and `unit` as OpenTelemetry has them (units: UCUM); `labels` are the names of its labels. `counts`: only grows."""

    name: str
    unit: str
    says: str
    labels: tuple[str, ...] = ()
    counts: bool = False

    @property
    def prometheus(self) -> str:
        """Its name in Prometheus, by OpenTelemetry's rules of translation: points become `_`, the unit is added."""
        unit = {"s": "_seconds", "1": "_ratio"}.get(self.unit, "")
        return self.name.replace(".", "_") + unit + ("_total" if self.counts else "")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a measure. `labels`: name of a label → its value."""

    measure: Measure
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


OUTBOX_DEPTH = Measure("triptych.outbox.depth", "{event}", "events that are written and not yet published")
OUTBOX_AGE = Measure("triptych.outbox.age", "s", "age of the oldest event that is not yet published")
PARKED = Measure("triptych.parked", "{event}", "events that wait for another one")
PARKED_AGE = Measure("triptych.parked.age", "s", "age of the oldest event that waits for another one")
DEAD_LETTERS = Measure("triptych.dead_letters", "{message}", "messages that could not take effect, and nobody has requeued or discarded")
CONSUMER_LAG = Measure("triptych.consumer.lag", "{message}", "messages that the broker has and this consumer has not yet read", ("topic",))
CONSUMER_PARTITIONS = Measure("triptych.consumer.partitions", "{partition}", "partitions that the group has given to this consumer")
WORKFLOW_BACKLOG = Measure("triptych.workflow.backlog", "{task}", "tasks of workflows that no worker has taken yet", ("region",))
WORKFLOW_BACKLOG_AGE = Measure("triptych.workflow.backlog.age", "s", "age of the oldest task that no worker has taken yet", ("region",))
WORKFLOW_WORKERS = Measure("triptych.workflow.workers", "{worker}", "workers that have asked for tasks of the region lately", ("region",))
PAYMENTS_UNKNOWN = Measure("triptych.payments.unknown", "{payment}", "payments whose outcome is unknown", ("region",))
PAYMENTS_UNKNOWN_AGE = Measure(
    "triptych.payments.unknown.age", "s", "programme time since the bank should have answered on the oldest of them", ("region",)
)
PAYMENTS_HELD = Measure("triptych.payments.held", "{hold}", "1 while payments are held after a restore")
LINES_UNMATCHED = Measure(
    "triptych.bank_lines.unmatched", "{line}", "lines of bank files that match no payment, not yet resolved", ("region",)
)
ENVELOPE_AVAILABLE = Measure(
    "triptych.envelope.available", "{minor}", "what is left of an envelope, in minor units of its currency", ("region", "call", "currency")
)
ENVELOPE_SHARE = Measure("triptych.envelope.share", "{bp}", "the share of an envelope that is left, in basis points", ("region", "call"))
REQUESTS_FAILED = Measure(
    "triptych.requests.failed", "{request}", "requests that were answered with 500 or more since the start", counts=True
)
REQUESTS = Measure("triptych.requests", "{request}", "requests since the start", counts=True)
REQUEST_P50 = Measure("triptych.request.p50", "s", "the time that half of the last 1,000 requests stayed below")
REQUEST_P95 = Measure("triptych.request.p95", "s", "the time that 95 of 100 of the last 1,000 requests stayed below")

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Measure))
HISTOGRAM = "http.server.request.duration"
"""OpenTelemetry's own name, in seconds, with `http.route`, `http.request.method`, `http.response.status_code`; sent by OTLP only."""
HISTOGRAM_SERIES = tuple(f"http_server_request_duration_seconds_{part}" for part in ("bucket", "count", "sum"))


def as_json(measurements: Iterable[Measurement]) -> list[dict[str, object]]:
    """As the address /measurements of a process gives them."""
    return [{"name": one.measure.name, "value": one.value, "labels": dict(one.labels)} for one in measurements]


def from_json(found: Iterable[Mapping[str, Any]]) -> list[Measurement]:
    """Measures that this version does not know are left out."""
    known = {measure.name: measure for measure in ALL}
    return [Measurement(known[one["name"]], one["value"], one["labels"]) for one in found if one["name"] in known]
