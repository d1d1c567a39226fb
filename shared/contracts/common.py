"""Fields that several contracts share. Amounts are minor units of `currency`; instants are programme time, UTC."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.words import CODE_LENGTH, CODE_PATTERN, WordOf
from shared.kernel.vocabulary import (
    HoldSubject,
    MilestoneKind,
    PaymentMode,
    RelationKind,
    RetentionClass,
    SelectionMethod,
    VoucherOutcome,
)
from shared.messaging.event import Event

MinorUnits = Annotated[int, Field(ge=0)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Code = Annotated[str, Field(pattern=CODE_PATTERN, max_length=CODE_LENGTH)]
"""A reason or kind: never free text, which could hold a name."""


SelectionMethodWord = Annotated[SelectionMethod | str, WordOf(SelectionMethod)]
PaymentModeWord = Annotated[PaymentMode | str, WordOf(PaymentMode)]
MilestoneKindWord = Annotated[MilestoneKind | str, WordOf(MilestoneKind)]
VoucherOutcomeWord = Annotated[VoucherOutcome | str, WordOf(VoucherOutcome)]
RetentionClassWord = Annotated[RetentionClass | str, WordOf(RetentionClass)]
HoldSubjectWord = Annotated[HoldSubject | str, WordOf(HoldSubject)]
RelationKindWord = Annotated[RelationKind | str, WordOf(RelationKind)]


class Relation(BaseModel):
    """A relation of an applicant by which conflicts of interest are found; `hash` is keyed (`shared.kernel.ids.keyed_hash`)."""

    model_config = ConfigDict(frozen=True)

    kind: RelationKindWord
    hash: str


class CallEvent(Event, abstract=True, key="call_id", correlation="call_id"):
    """About a call as a whole."""

    call_id: UUID
    region: str


class CaseEvent(Event, abstract=True, key="application_id", correlation="application_id"):
    """About one application and all that follows from it."""

    application_id: UUID
    call_id: UUID
    region: str


class VoucherEvent(CaseEvent, abstract=True, key="voucher_id"):
    """About one voucher; its id is derived from the award's."""

    voucher_id: UUID
