"""The input and output of the timers' workflows and activities. Recorded histories hold these models, as in `workflows/models.py`."""

from datetime import datetime
from uuid import UUID

from pydantic import AliasChoices, Field

from services.vouchers.workflows.models import Model
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import MilestoneKind


class CallCalendarInput(Model):
    call_id: UUID
    region: str
    policy_id: str
    clock: ProgrammeClock


class MilestoneInput(Model):
    subject_id: UUID
    kind: MilestoneKind
    region: str
    policy_id: str
    clock: ProgrammeClock


class DueCheck(Model):
    """Asks which dates of a call are due at `at` (programme time). `subject_id` is the call's id."""

    subject_id: UUID
    at: datetime


class MilestoneCheck(DueCheck):
    """Asks whether a single deadline is due. `subject_id` is the id of an application, a claim or a batch."""

    kind: MilestoneKind


class NextCheck(Model):
    """When to check again; None: there is nothing more to wait for."""

    check_at: datetime | None = Field(default=None, validation_alias=AliasChoices("check_at", "look_at"))
