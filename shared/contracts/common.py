"""Fields that several contracts share. Amounts are minor units of `currency`; instants are programme time, UTC."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.messaging.event import Event

MinorUnits = Annotated[int, Field(ge=0)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9.-]*$", max_length=80)]
"""A reason or kind: never free text, which could hold a name."""


class Relation(BaseModel):
    """A tie that conflicts of interest are found by: `kind` (tax-number, address, e-mail-domain, owner, employer), `hash` keyed."""

    model_config = ConfigDict(frozen=True)

    kind: Code
    hash: str


class CallEvent(Event):
    """About a call as a whole."""

    call_id: UUID
    region: str


class CaseEvent(Event):
    """About one application and all that follows from it."""

    application_id: UUID
    call_id: UUID
    region: str


class VoucherEvent(CaseEvent):
    """About one voucher; its id is derived from the award's."""

    voucher_id: UUID
