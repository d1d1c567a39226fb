"""The input and output of workflows, signals and activities: one model each, so that fields can be added.

Recorded histories hold these models. A renamed field keeps its old wire name as an alias, so that an old history still replays.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from services.vouchers.domain.stages import Stage
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import VoucherOutcome


class Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class LifecycleInput(Model):
    """The award that a lifecycle is started for. Policy and clock are pinned: a case in progress keeps its rules and its time."""

    award_id: UUID
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    scheme: str
    policy_id: str
    amount_minor: int
    currency: str
    clock: ProgrammeClock


class SignalKind(StrEnum):
    """The first five are replies that a lifecycle waits for. The others only make it read the voucher's row, which holds more."""

    RESERVED = "reserved"
    NOT_RESERVED = "not-reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    SETTLED = "settled"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXTENDED = "extended"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Signal(Model):
    """An event that concerns a lifecycle. Its id makes a repetition known."""

    event_id: UUID
    kind: SignalKind = Field(validation_alias=AliasChoices("kind", "heard"))  # wire name


class Step(Model):
    """A step of a lifecycle. Its number within the workflow makes a repetition known. `at` is programme time."""

    award: LifecycleInput
    number: int
    at: datetime


class Position(Model):
    """The voucher after a step. `wake_at`: when time alone may change it next. `until`: the end of its stage.

    `overdue_since`: since then the reply of payments, which the stage waits for, is late.
    """

    stage: Stage
    outcome: VoucherOutcome | None = None
    suspended: bool = False
    overdue_since: datetime | None = None
    until: datetime | None = None
    wake_at: datetime | None = None
