"""Turns on traces in a process, by its settings, and knows what it measures."""

import atexit
from collections.abc import Sequence
from typing import Any

from shared.runtime.settings import ServedSettings
from shared.telemetry import tracing
from shared.telemetry.collector import EXPORT_SECONDS, Collector, Source
from shared.telemetry.measured import Measurement
from shared.telemetry.requests import REQUESTS_HERE


class _Process:
    """What this process measures, and with what it traces."""

    collector = Collector([])
    telemetry: Any = None


def begin_telemetry(process: str, settings: ServedSettings) -> None:
    """Before anything else of the process: sends traces and measurements, if there is an address to send them to. May be repeated."""
    if settings.otlp and _Process.telemetry is None:
        from shared.telemetry.otlp import OtlpTracing, Telemetry  # imported only where it is on
        from shared.telemetry.statements import trace_slow_statements

        telemetry = Telemetry(process, settings.otlp, settings.otlp_share, REQUESTS_HERE, latest, EXPORT_SECONDS)
        _Process.telemetry = telemetry
        tracing.trace_with(OtlpTracing(telemetry.tracer))
        trace_slow_statements()
        atexit.register(telemetry.close)


def measure(sources: Sequence[Source]) -> Collector:
    """The measurements of this process, from these sources too."""
    _Process.collector.sources.extend(sources)
    return _Process.collector


def latest() -> list[Measurement]:
    return _Process.collector.latest
