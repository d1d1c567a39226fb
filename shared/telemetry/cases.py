"""Which cases a request is about: the correlation ids of the events that it publishes, for its line in the log and its span."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

MOST = 20
"""Of one request; a ranking publishes thousands."""
_FOUND: ContextVar[set[str] | None] = ContextVar("cases", default=None)


@contextmanager
def gathered_cases() -> Iterator[set[str]]:
    """Filled while the block runs."""
    found: set[str] = set()
    token = _FOUND.set(found)
    try:
        yield found
    finally:
        _FOUND.reset(token)


def note_case(correlation_id: UUID) -> None:
    found = _FOUND.get()
    if found is not None and len(found) < MOST:
        found.add(str(correlation_id))
