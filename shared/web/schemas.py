"""Base and common parts of the request bodies of all services."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.common import Code

LARGEST_MINOR = 10**15
"""Sums of such amounts stay within 64 bits."""
PositiveMinor = Annotated[int, Field(strict=True, gt=0, le=LARGEST_MINOR)]
"""An amount in minor units, a whole number in JSON: `true`, "400" and 400.0 are none."""


class Input(BaseModel):
    """A request body: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Reason(Input):
    """`reason` is a code such as 'business-ended'; it goes into the event."""

    reason: Code
