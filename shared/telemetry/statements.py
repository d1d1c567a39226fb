"""Statements that took long, as spans. The others are none: a request has many, and each span would cost as much as a statement."""

import re
import time
from typing import Any

from sqlalchemy import Engine, event

from shared.telemetry import tracing

SLOW_SECONDS = 0.02
_BEGUN = "begun"
_FIRST = re.compile(r"\s*(?:WITH\b.*?\)\s*)?(\w+)(?:.*?\b(?:FROM|INTO|UPDATE)\s+(\w+))?", re.IGNORECASE | re.DOTALL)


def trace_slow_statements() -> None:
    """Of all engines of this process. A span has the kind of statement and its first table, no values."""
    event.listen(Engine, "before_cursor_execute", _begin)
    event.listen(Engine, "after_cursor_execute", _end)


def summary_of(statement: str) -> str:
    """'SELECT claims'."""
    found = _FIRST.match(statement[:2_000])
    return " ".join(part for part in found.groups() if part) if found else ""


def _begin(_: Any, __: Any, ___: str, ____: Any, context: Any, _____: bool) -> None:
    if context is not None:
        setattr(context, _BEGUN, time.time_ns())


def _end(_: Any, __: Any, statement: str, ____: Any, context: Any, _____: bool) -> None:
    begun = getattr(context, _BEGUN, None)
    if begun is not None and time.time_ns() - begun >= SLOW_SECONDS * 1e9:
        tracing.ended_span(f"slow statement: {summary_of(statement)}", begun)
