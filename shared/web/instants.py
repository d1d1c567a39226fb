"""Instants in requests."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within_reach(instant: datetime) -> datetime:
    """Outside these years, adding a zone or a time limit leaves the range of dates of Python and PostgreSQL."""
    if not EARLIEST <= instant < LATEST:
        years = {"earliest": str(EARLIEST.year), "latest": str(LATEST.year)}
        raise PydanticCustomError("instant_out_of_range", "not between the years {earliest} and {latest}", years)
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""The type of every instant in a request."""
