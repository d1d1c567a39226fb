"""Logs: one JSON object a line on standard output, of our own loggers and of libraries.

Our own lines have codes, ids, states and pseudonyms. What a library says may quote anything after its first line, and so may the message
of an exception: of both only what cannot be personal is kept.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog

from shared.telemetry import tracing

MOST_FRAMES = 8


def log_as_json(stream: TextIO = sys.stdout, cached: bool = True) -> None:
    """For the whole process. `cached`: loggers keep this for good, which saves time; a test puts it back."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            with_trace,
            without_messages,
            structlog.processors.JSONRenderer(_json),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=cached,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LibraryLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def with_trace(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (trace := tracing.traceparent()) is not None:
        event["trace"] = trace.split("-")[1]
    return event


def without_messages(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kind and places."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event.update(shape_of(error))
    return event


def shape_of(error: BaseException) -> dict[str, Any]:
    """Kind and places of an exception, but not its message, which may hold personal input."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return {"error": type(error).__qualname__, "places": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


class LibraryLines(logging.Formatter):
    """The record of a library: level, logger, first line of its text, kind and places of its exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": first_line(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": structlog.processors.TimeStamper("iso", utc=True)(None, "", {})["timestamp"],
        }
        if record.exc_info and record.exc_info[1]:
            line |= shape_of(record.exc_info[1])
        return _json(line)


def first_line(record: logging.LogRecord) -> str:
    """Without the values of exceptions that the text was made of: their kind stands in their place."""
    if isinstance(record.args, tuple):
        args = tuple(type(one).__qualname__ if isinstance(one, BaseException) else one for one in record.args)
        text = str(record.msg) % args if args else str(record.msg)
    else:
        text = record.getMessage()
    return text.partition("\n")[0]


def _json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()
