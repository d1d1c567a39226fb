"""Instants as callers give them."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within_reach(instant: datetime) -> datetime:
    """Beyond these years a zone or a term added leads out of what a date can say, in Python and in PostgreSQL."""
    if not EARLIEST <= instant < LATEST:
        raise ValueError(f"not an instant between {EARLIEST:%Y} and {LATEST:%Y}")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""For every instant that comes from outside."""
