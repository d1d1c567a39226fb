"""What goes into and comes out of workflows, signals and activities: one model each, so that fields can be added."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.vouchers.domain.stages import Outcome, Stage
from shared.kernel.clock import ProgrammeClock


class Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Award(Model):
    """The input of a lifecycle. Policy and clock are pinned: a case in flight keeps its rules and its time."""

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


class Heard(StrEnum):
    """What a lifecycle is told. The first five are answers it waits for; of the others the voucher's row tells more."""

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


class News(Model):
    """An event that concerns a lifecycle."""

    event_id: UUID
    heard: Heard


class Step(Model):
    """A step of a lifecycle: its number within the workflow makes a repetition known. `at` is programme time."""

    award: Award
    number: int
    at: datetime


class Position(Model):
    """Where the voucher's row stands after a step; `wake_at` is when time alone may change it next, `until` its stage's end.

    `overdue_since`: payments, which the stage waits for, should have answered by then."""

    stage: Stage
    outcome: Outcome | None = None
    suspended: bool = False
    overdue_since: datetime | None = None
    until: datetime | None = None
    wake_at: datetime | None = None


class Calendar(Model):
    """The input of a call's calendar."""

    call_id: UUID
    region: str
    policy_id: str
    clock: ProgrammeClock


class Deadline(Model):
    """The input of a single milestone."""

    subject_id: UUID
    kind: str
    region: str
    policy_id: str
    clock: ProgrammeClock


class Look(Model):
    """Asks what of a call's calendar, or of a milestone, is due. `subject_id` is the call's id or the milestone's subject's."""

    subject_id: UUID
    kind: str
    at: datetime


class Next(Model):
    """When to look again; None: it has come to its end."""

    look_at: datetime | None = None
