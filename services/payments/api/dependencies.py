"""What the routes share: the policies of this process, checked inputs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ReasonCode = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9.-]*$", max_length=80, description="A code; it goes into the event")]
PositiveMinor = Annotated[int, Field(gt=0, le=10**15)]


class Input(BaseModel):
    """A body: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Reason(Input):
    reason: ReasonCode
