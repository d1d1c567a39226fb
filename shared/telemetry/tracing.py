"""Spans of traces. Tracing is off unless a process is given an address (`TRIPTYCH_OTLP`): then nothing of OpenTelemetry is imported, and a
span costs a comparison.

A trace begins with a request of a person or a program and goes on by its `traceparent` (W3C Trace Context): in a header of HTTP, in the
column `traceparent` of an event in the outbox, in the header `ce_traceparent` of its message, in the header of a workflow. It is no
evidence: the MAC of an event does not cover it, and nobody decides by it.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self

Value = str | int | float
Attributes = Mapping[str, Value]
HEADER = "traceparent"
CASE = "triptych.case"
"""Attribute: the application's id, or the call's or batch's where no application is concerned. By it all traces of a case are found."""
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Kind(StrEnum):
    """The side of a call that a span is about, by OpenTelemetry's names."""

    INTERNAL = "INTERNAL"
    SERVER = "SERVER"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"


class OpenSpan(Protocol):
    """A span that has begun."""

    def describe(self, name: str, attributes: Attributes) -> None:
        """The name and further attributes, when they are known only at its end."""


class Tracing(Protocol):
    """Implemented by `otlp.py`. `tracer`: OpenTelemetry's own, for libraries that trace by themselves."""

    tracer: Any

    def span(
        self, name: str, kind: Kind, parent: str | None, links: Sequence[str], attributes: Attributes
    ) -> AbstractContextManager[OpenSpan]: ...

    def ended(self, name: str, kind: Kind, parent: str | None, begun_nanoseconds: int, attributes: Attributes) -> None: ...

    def traceparent(self) -> str | None: ...


class _NoSpan:
    """While tracing is off."""

    def describe(self, name: str, attributes: Attributes) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class _Process:
    """What this process traces with."""

    tracing: Tracing | None = None


_NO_SPAN = _NoSpan()


def trace_with(tracing: Tracing | None) -> None:
    _Process.tracing = tracing


def is_on() -> bool:
    return _Process.tracing is not None


def otel_tracer() -> Any:
    """OpenTelemetry's tracer for a library that traces by itself; None while tracing is off."""
    return None if _Process.tracing is None else _Process.tracing.tracer


def span(
    name: str,
    kind: Kind = Kind.INTERNAL,
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
    attributes: Attributes | None = None,
) -> AbstractContextManager[OpenSpan]:
    """While the block runs. `parent` and `links` are texts of `traceparent` from elsewhere; without a parent it is a part of the span
    that is open here, or begins a trace. What is not a `traceparent` is passed over: it may come from anybody."""
    if _Process.tracing is None:
        return _NO_SPAN
    return _Process.tracing.span(name, kind, valid(parent), [link for link in links if valid(link)], attributes or {})


def ended_span(
    name: str, begun_nanoseconds: int, kind: Kind = Kind.INTERNAL, *, parent: str | None = None, attributes: Attributes | None = None
) -> None:
    """As `span`, for what ends now and began then (nanoseconds since 1970)."""
    if _Process.tracing is not None:
        _Process.tracing.ended(name, kind, valid(parent), begun_nanoseconds, attributes or {})


def traceparent() -> str | None:
    """That of the span that is open here, for what follows elsewhere."""
    return None if _Process.tracing is None else _Process.tracing.traceparent()


def valid(text: str | None) -> str | None:
    """The text if it is a `traceparent` of version 00."""
    return text if text and _TRACEPARENT.fullmatch(text) else None
