"""The response models. Amounts are minor units of `currency`, instants ISO 8601 in UTC."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.vouchers.domain.agreement import Terms
from services.vouchers.domain.changes import ChangeKind, ChangeState
from services.vouchers.domain.reports import ReportState
from services.vouchers.domain.stages import Stage, VoucherStatus
from shared.kernel.vocabulary import VoucherOutcome
from shared.policy.form import Condition


class GivenView(BaseModel):
    """What a voucher gives in the place of money: `units` minutes or places (`unit`). Its amounts are worth in aid, and nobody is paid."""

    kind: str
    unit: str
    units: int
    free_until_hours: int


class VoucherView(BaseModel):
    """`redeemed_minor` is what was paid and not returned; `claimed` is true when anything was ever claimed.

    `amount_minor` is what the award gave, `value_minor` what the voucher is worth now.

    `overdue_since`: since then the reply of payments, which `state` waits for, is late. `acts_next`: who has it; `until`: when its stage
    ends by time alone. `agreement_hash`: of the accepted terms; None before, and where they were accepted before it was
    recorded.
    """

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
    value_minor: int
    currency: str
    redeemed_minor: int
    state: Stage
    overdue_since: datetime | None
    outcome: VoucherOutcome | None
    code: str | None
    suspended: bool
    claimed: bool
    extensions: int
    created_at: datetime
    offered_at: datetime | None
    answer_by: datetime | None
    answered_at: datetime | None
    agreement_hash: str | None
    issued_at: datetime | None
    valid_until: datetime | None
    claim_window_until: datetime | None
    settled_at: datetime | None
    closed_at: datetime | None
    acts_next: str
    until: datetime | None
    benefit: GivenView | None = None


class TermsView(Terms):
    """`sha256` is the hash of the other fields, which an acceptance records as `agreement_hash`."""

    sha256: str


class ExtensionView(BaseModel):
    """One extension, with the dates before and after it."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    previous_valid_until: datetime
    previous_claim_window_until: datetime
    valid_until: datetime
    claim_window_until: datetime
    extended_at: datetime
    actor: str
    reason: str


class AmendmentView(BaseModel):
    """A granted change of the agreement: another amount, with the one before, or another provider. `since`: from when it counts. `provider`
    is None once its words are removed."""

    model_config = ConfigDict(from_attributes=True)

    kind: ChangeKind
    since: datetime
    previous_minor: int | None
    amount_minor: int | None
    provider: str | None


class VoucherDetail(VoucherView):
    """`title`: of the scheme, by language. `zone`: of the region's dates. `as_of`: the programme's now. `history` has the extensions, the
    first one first, `amendments` the other granted changes."""

    title: dict[str, str]
    zone: str
    as_of: datetime
    terms: TermsView
    history: list[ExtensionView]
    amendments: list[AmendmentView]


class ChangeView(BaseModel):
    """A request for a change. `explanation`, `provider`, `provider_tax_number` and `reason` are words of people; None once they are removed
    or erased. `in_force_at`: since when a granted one counts. `refused_rule`: why payments could not book another amount that an officer
    granted, `limit_minor`: the bound then."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    kind: ChangeKind
    state: ChangeState
    explanation: str | None
    valid_until: datetime | None
    provider: str | None
    provider_tax_number: str | None
    amount_minor: int | None
    previous_minor: int | None
    in_force_at: datetime | None
    refused_rule: str | None
    limit_minor: int | None
    requested_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


class ReportOptionView(BaseModel):
    value: str
    label: str


class ReportQuestionView(BaseModel):
    """A question in the reader's language. It is asked when every condition of `when` holds; a number counts units of 10^-`decimals`."""

    id: str
    label: str
    help: str | None
    required: bool
    when: list[Condition]
    type: str
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    decimals: int | None = None
    unit: str | None = None
    most: int | None = None
    options: list[ReportOptionView] | None = None


class ReportSectionView(BaseModel):
    key: str
    title: str
    questions: list[ReportQuestionView]


class ReportView(BaseModel):
    """`wanted`: a report is asked for. `due_at`: until when it is to be sent, None before the settlement; `overdue`: that has passed, and
    it can be sent all the same. `asked`: the questions whose conditions hold; `missing`: of these, what needs an answer and has none.
    `answers`: None once they are removed or erased, and for the agency until the report is sent. `decides_balance`: a part of the
    voucher is kept until an officer accepts it; `note`: why it was returned; `sendable`: it can be sent now; `decided`: accepted, or it
    came too late.
    """

    voucher_id: UUID
    state: ReportState
    wanted: bool
    due_at: datetime | None
    overdue: bool
    version: int
    form_id: str | None
    sections: list[ReportSectionView]
    answers: dict[str, Any] | None
    asked: list[str]
    missing: list[str]
    changed_at: datetime | None
    sent_at: datetime | None
    decides_balance: bool
    sendable: bool
    decided: bool
    note: str | None


class ReportSummaryView(BaseModel):
    """A report in a list, without its answers."""

    model_config = ConfigDict(from_attributes=True)

    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    state: ReportState
    begun_at: datetime
    changed_at: datetime
    sent_at: datetime | None


class LifecycleView(VoucherStatus):
    """`source`: workflow when the running workflow answered, record when the voucher's row did."""

    voucher_id: UUID
    source: Literal["workflow", "record"]


class LookupView(BaseModel):
    kind: Literal["voucher"] = "voucher"
    application_id: UUID
    call_id: UUID
    voucher_id: UUID
    region: str
