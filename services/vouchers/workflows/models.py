"""The input and output of workflows, signals and activities: one model each, so that fields can be added.

Recorded histories hold these models. A renamed field keeps its old wire name as an alias, so that an old history still replays.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from services.vouchers.domain.stages import Stage
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import VoucherOutcome


class Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Input(Model):
    """What a workflow is started with says which row it follows, and nothing else: an input is no authority (decision 0017).

    `clock` is in the inputs of workflows that started before the steps said how long to sleep. It drives the timers of such a workflow
    until its next step, and dates nothing. Whatever else an input has is ignored.
    """

    clock: ProgrammeClock = ProgrammeClock()


class LifecycleInput(Input):
    """The award that a lifecycle is started for; `AwardRow` says who, how much and under which policy."""

    award_id: UUID


class Wake(Model):
    """`wake_in`: how long to sleep, in real time, by the clock of the process that took the step. Steps of old did not say it."""

    wake_in: timedelta | None = None


class SignalKind(StrEnum):
    """The first five are replies of payments that a lifecycle waits for. All only make it read the voucher's row, which decides."""

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
    DEPOSITED = "deposited"
    ATTENDED = "attended"


class Signal(Model):
    """An event that concerns a lifecycle. Its id makes a repetition known."""

    event_id: UUID
    kind: SignalKind = Field(validation_alias=AliasChoices("kind", "heard"))  # wire name


class Step(Model):
    """A step of a lifecycle. Its number within the run of the workflow makes a repetition known."""

    award_id: UUID
    number: int


class Position(Wake):
    """The voucher after a step. `wake_at`: when time alone may change it next. `until`: the end of its stage. `replies`: those of
    payments that the row holds.

    `overdue_since`: since then the reply of payments, which the stage waits for, is late. `one_timer`: the workflow waits by `Alarm`; steps
    of old did not say it, and a workflow that replays them sets and ends a timer for each wait.
    """

    stage: Stage
    outcome: VoucherOutcome | None = None
    replies: tuple[SignalKind, ...] = ()
    suspended: bool = False
    overdue_since: datetime | None = None
    until: datetime | None = None
    one_timer: bool = False
    wake_at: datetime | None = None
