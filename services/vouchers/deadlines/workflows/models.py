"""The input and output of the timers' workflows and activities. Recorded histories hold these models, as in `workflows/models.py`."""

from datetime import datetime
from uuid import UUID

from pydantic import AliasChoices, Field

from services.vouchers.workflows.models import Input, Model, Wake
from shared.kernel.vocabulary import MilestoneKind


class CallCalendarInput(Input):
    """The call whose dates are rows."""

    call_id: UUID


class MilestoneInput(Input):
    """The key of the deadline's row."""

    subject_id: UUID
    kind: MilestoneKind


class DueCheck(Model):
    """Asks which dates of a call are due. `subject_id` is the call's id."""

    subject_id: UUID


class MilestoneCheck(DueCheck):
    """Asks whether a single deadline is due. `subject_id` is the id of an application, a claim or a batch."""

    kind: MilestoneKind


class RetentionInput(Model):
    """The region whose cases are looked at."""

    region: str


class NextCheck(Wake):
    """When to check again; None: there is nothing more to wait for."""

    check_at: datetime | None = Field(default=None, validation_alias=AliasChoices("check_at", "look_at"))
