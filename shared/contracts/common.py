"""Fields that several contracts share. Amounts are minor units of `currency`; instants are programme time, UTC."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.words import CODE_LENGTH, CODE_PATTERN, WordOf
from shared.kernel.ids import derive_id, region_id
from shared.kernel.vocabulary import (
    HoldSubject,
    MilestoneKind,
    PaymentMode,
    RelationKind,
    RetentionClass,
    SelectionMethod,
    TaskKind,
    VoucherOutcome,
)
from shared.messaging.event import Event

MinorUnits = Annotated[int, Field(ge=0)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Code = Annotated[str, Field(pattern=CODE_PATTERN, max_length=CODE_LENGTH)]
"""A reason or kind: never free text, which could hold a name."""

NaceCode = Annotated[str, Field(pattern=r"^\d{2}(\.\d{1,2})?$")]
"""A division, group or class of NACE, in the edition that the form of the call asks for."""


CalendarId = Annotated[str, Field(pattern=r"^[A-Z]{2}/[a-z0-9.-]+@[0-9a-f]{12}$")]
"""Country, edition and hash of the days off by which the dates of an event were counted (`shared.calendars.region`)."""

SelectionMethodWord = Annotated[SelectionMethod | str, WordOf(SelectionMethod)]
PaymentModeWord = Annotated[PaymentMode | str, WordOf(PaymentMode)]
MilestoneKindWord = Annotated[MilestoneKind | str, WordOf(MilestoneKind)]
VoucherOutcomeWord = Annotated[VoucherOutcome | str, WordOf(VoucherOutcome)]
RetentionClassWord = Annotated[RetentionClass | str, WordOf(RetentionClass)]
HoldSubjectWord = Annotated[HoldSubject | str, WordOf(HoldSubject)]
RelationKindWord = Annotated[RelationKind | str, WordOf(RelationKind)]
TaskKindWord = Annotated[TaskKind | str, WordOf(TaskKind)]


class Relation(BaseModel):
    """A relation of an applicant by which conflicts of interest are found; `hash` is keyed (`shared.kernel.ids.keyed_hash`)."""

    model_config = ConfigDict(frozen=True)

    kind: RelationKindWord
    hash: str


class AwardTerms(BaseModel):
    """What one case has, where the cases of a policy differ: its type of voucher, its rate (basis points), the most that its voucher may
    come to, and whether the firm has declared that it gets VAT back (None: it was not asked)."""

    model_config = ConfigDict(frozen=True)

    voucher_type: Code | None = None
    intensity_bp: Annotated[int, Field(ge=0, le=10_000)]
    largest_minor: MinorUnits
    recovers_vat: bool | None = None


class DeclaredAid(BaseModel):
    """De minimis aid of another granter, as an applicant declares it: the day of the legal right, and minor units of the
    call's currency."""

    model_config = ConfigDict(frozen=True)

    granted_on: date
    amount_minor: MinorUnits


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


class WaitingTask(BaseModel):
    """How many of a kind wait for each who has the role for it. `person_id`: for this one alone, an evaluator. `not_for`: the person who
    has proposed them, and does not confirm them too."""

    model_config = ConfigDict(frozen=True)

    kind: TaskKindWord
    count: Annotated[int, Field(gt=0)]
    person_id: str | None = None
    not_for: str | None = None


class TasksCounted(Event, abstract=True, key="subject_id", correlation="subject_id"):
    """What waits for people of the agency in a region, once a day. An empty list: nothing any more."""

    subject_id: UUID
    region: str
    day: date
    tasks: list[WaitingTask]

    @classmethod
    def of(cls, region: str, day: date, tasks: list[WaitingTask]) -> Self:
        return cls(subject_id=tasks_of(region), region=region, day=day, tasks=tasks)


def tasks_of(region: str) -> UUID:
    """The id of the tasks in a region, as the subject of an event."""
    return derive_id(region_id(region), "tasks")
