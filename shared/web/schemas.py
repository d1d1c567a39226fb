"""Base and common parts of the request bodies of all services."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.common import Code

PositiveMinor = Annotated[int, Field(gt=0, le=10**15)]
"""An amount in minor units; sums of such amounts stay within 64 bits."""


class Input(BaseModel):
    """A request body: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Reason(Input):
    """`reason` is a code such as 'business-ended'; it goes into the event."""

    reason: Code
