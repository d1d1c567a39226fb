"""Classifies exceptions of handlers and background tasks: outage, retryable, permanent; and describes them for the log."""

import asyncio

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from shared.database.engine import shortest_limit_seconds
from shared.kernel.errors import Transient, TriptychError, Unavailable

RETRYABLE_SQLSTATES = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, lock timeout."""


def is_outage(error: BaseException) -> bool:
    """True when a component does not answer: retry without limit, since the message is not at fault."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, InterfaceError) or _sqlstate(error)[:2] in ("08", "57", "53")
    return isinstance(error, Unavailable | ConnectionError | OSError | asyncio.TimeoutError)


class TooSlow(TriptychError):
    """A message whose handling takes longer than a transaction may."""


def ended_by_limit(error: BaseException, seconds: float) -> bool:
    """True when a limit of time may have ended a transaction of `seconds`. PostgreSQL ends one that is too long by closing its connection,
    and a driver that waits too long for an answer closes it too: by the error alone, both are an outage."""
    return is_outage(error) and not isinstance(error, Unavailable) and seconds >= shortest_limit_seconds()


def is_retryable(error: BaseException) -> bool:
    """True when the same message may succeed later: an outage, a conflict with another transaction, or `Transient`."""
    conflict = isinstance(error, DBAPIError | OperationalError) and _sqlstate(error) in RETRYABLE_SQLSTATES
    return is_outage(error) or conflict or isinstance(error, Transient)


def describe(error: BaseException) -> str:
    """Kind and place of the error without the input values, which may be personal; at most 500 characters."""
    if isinstance(error, ValidationError):
        places = {f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False, include_url=False)}
        return "not readable: " + "; ".join(sorted(places))
    if isinstance(error, DBAPIError):
        return f"{type(error.orig).__name__} {_sqlstate(error)}"
    return f"{type(error).__name__}: {error}"[:500]


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
