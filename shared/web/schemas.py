"""Base and common parts of the request bodies of all services."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError

from shared.contracts.common import Code

LARGEST_MINOR = 10**15
"""Sums of such amounts stay within 64 bits."""
PositiveMinor = Annotated[int, Field(strict=True, gt=0, le=LARGEST_MINOR)]
"""An amount in minor units, a whole number in JSON: `true`, "400" and 400.0 are none."""


def _units(value: Any) -> Decimal:
    """A number of JSON in its own digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("decimal_type", "not a number")
    return Decimal(str(value))


def _as_number(units: Decimal) -> int | float:
    return int(units) if units == units.to_integral_value() else float(units)


WorkUnits = Annotated[
    Decimal,
    BeforeValidator(_units),
    Field(strict=True, ge=0, le=10**7, decimal_places=2),
    PlainSerializer(_as_number),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10**7}),
]
"""Annual work units: a number with at most two decimals, 9.5 (Recommendation 2003/361/EC, annex, Article 5)."""


class Input(BaseModel):
    """A request body: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Reason(Input):
    """`reason` is a code such as 'business-ended'; it goes into the event."""

    reason: Code


def trimmed(text: str) -> str:
    """Without the blanks around it, whose length counts before: an `AfterValidator`. Of blanks alone it is too short."""
    if not (kept := text.strip()):
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return kept
