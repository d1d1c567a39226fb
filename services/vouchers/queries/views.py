"""What the routes take and give. Amounts are minor units of `currency`, instants ISO 8601 in UTC."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.vouchers.domain.calendar import CallDate
from services.vouchers.domain.stages import Outcome, Stage, Standing
from shared.contracts.common import Code
from shared.web.instants import Instant


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reason(Given):
    """`reason` is a code, e.g. 'business-ended'."""

    reason: Code


class ExtensionRequest(Reason):
    """Validity is extended to the end of the local day of `valid_until`."""

    valid_until: Instant


class VoucherView(BaseModel):
    """`redeemed_minor` is what was paid and not sent back; `claimed` says whether anything was ever claimed.

    `overdue_since`: from then on payments has been late with the answer that `state` waits for."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    award_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    scheme: str
    policy_id: str
    amount_minor: int
    currency: str
    redeemed_minor: int
    state: Stage
    overdue_since: datetime | None
    outcome: Outcome | None
    code: str | None
    suspended: bool
    claimed: bool
    extensions: int
    created_at: datetime
    offered_at: datetime | None
    answer_by: datetime | None
    answered_at: datetime | None
    issued_at: datetime | None
    valid_until: datetime | None
    claim_window_until: datetime | None
    settled_at: datetime | None
    closed_at: datetime | None


class ExtensionView(BaseModel):
    """One extension with the dates before and after it."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    previous_valid_until: datetime
    previous_claim_window_until: datetime
    valid_until: datetime
    claim_window_until: datetime
    extended_at: datetime
    actor: str
    reason: str


class VoucherDetail(VoucherView):
    history: list[ExtensionView]


class Lifecycle(Standing):
    """`source`: workflow when the running lifecycle answered, record when its row did."""

    voucher_id: UUID
    source: str


class CallDateView(BaseModel):
    """`reached_at`: announced then; `replaced_at`: an extension put a later date in its place then."""

    model_config = ConfigDict(from_attributes=True)

    kind: CallDate
    due_at: datetime
    reached_at: datetime | None
    replaced_at: datetime | None


class CallCalendarView(BaseModel):
    """`next` is the earliest date to come; None when there is none."""

    call_id: UUID
    region: str
    slug: str
    scheme: str
    selection_method: str
    policy_id: str
    ranking_approved_at: datetime | None
    dates: list[CallDateView]
    next: CallDateView | None


class Reference(BaseModel):
    kind: str
    application_id: UUID
    call_id: UUID
    voucher_id: UUID
    region: str
