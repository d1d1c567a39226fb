"""Instants in requests."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


_NUMBER = re.compile(r"\s*[-+]?[\d_.]+\s*")


def _no_number(value: Any) -> Any:
    """20260131, a day without hyphens, would be read as seconds since 1970, and so would any other number."""
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise PydanticKnownError("datetime_parsing", {"error": "a number"})
    return value


def _within_reach(instant: datetime) -> datetime:
    """Outside these years, adding a zone or a time limit leaves the range of dates of Python and PostgreSQL."""
    if not EARLIEST <= instant < LATEST:
        years = {"earliest": str(EARLIEST.year), "latest": str(LATEST.year)}
        raise PydanticCustomError("instant_out_of_range", "not between the years {earliest} and {latest}", years)
    return instant


Instant = Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_within_reach)]
"""The type of every instant in a request."""
