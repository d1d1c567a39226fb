"""The response models of payments. Amounts are minor units of `currency`; instants are programme time, UTC."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.payments.tables import BatchRow, EnvelopeRow, PayeeRow, RecoveryRow


class EnvelopeView(BaseModel):
    """available = amount − reserved − committed − paid + recovered. `awaits_confirmation`: nothing is reserved until finance has confirmed
    the envelope, which is above the policy's ceiling."""

    call_id: UUID
    region: str
    scheme: str
    slug: str
    currency: str
    amount_minor: int
    reserved_minor: int
    committed_minor: int
    paid_minor: int
    recovered_minor: int
    available_minor: int
    needs_confirmation: bool
    awaits_confirmation: bool
    published_by: str | None
    confirmed_by: str | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, row: EnvelopeRow) -> Self:
        computed = {"available_minor": row.available_minor, "awaits_confirmation": row.awaits_confirmation}
        return cls.model_validate({**row.model_dump(), **computed})


class LedgerView(BaseModel):
    """The balances of a call's six accounts; they add up to zero."""

    call_id: UUID
    currency: str
    balances: dict[str, int]


class PostingView(BaseModel):
    account: str
    amount_minor: int


class LedgerEntryView(BaseModel):
    entry_id: UUID
    kind: str
    voucher_id: UUID | None
    at: datetime
    postings: list[PostingView]


class VoucherView(BaseModel):
    """A voucher's money, and until when and why not claims are taken."""

    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    state: str
    closure_reason: str | None
    suspended: bool
    payment_mode: str | None
    currency: str
    amount_minor: int
    reserved_minor: int
    committed_minor: int
    claimed_minor: int
    paid_minor: int
    recovered_minor: int
    released_minor: int
    claim_window_until: datetime | None


class PayeeView(BaseModel):
    """`cooling_off_until`: nothing is paid to the account before, because it was changed."""

    payee_id: UUID
    kind: str
    region: str
    organisation_id: UUID | None
    name: str
    account: dict[str, str]
    address: dict[str, Any] | None
    account_version: int
    cooling_off_until: datetime | None

    @classmethod
    def of(cls, row: PayeeRow) -> Self:
        account = {"iban" if row.account_number[:2].isalpha() else "bban": row.account_number}
        return cls.model_validate({**row.model_dump(), "payee_id": row.id, "account": account})


class EvidenceView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: str
    reference: str | None
    sha256: str
    issued_on: date
    amount_minor: int


class ClaimView(BaseModel):
    claim_id: UUID
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    payee_id: UUID
    state: str
    eligible_minor: int
    requested_minor: int
    granted_minor: int | None
    currency: str
    lodged_at: datetime
    check_by: datetime
    overdue: bool
    decided_at: datetime | None
    pay_by: datetime | None
    rules: list[str]
    note: str | None
    disbursement_id: UUID | None
    evidence: list[EvidenceView]


class DisbursementView(BaseModel):
    """`state` and the fields after `attempt` are those of the latest attempt."""

    disbursement_id: UUID
    claim_id: UUID
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    amount_minor: int
    currency: str
    state: str
    prepared_at: datetime
    attempt: int
    attempt_id: UUID
    approvals: int
    approvals_needed: int
    prepared_by: str
    payee_id: UUID
    batch_id: UUID | None
    bank_reason: str | None
    paid_on: date | None
    returned_on: date | None
    enquired_at: datetime | None


class ApprovalStepView(BaseModel):
    """A step of the policy's table of approvals. `approver` and `at` are None while it is not given."""

    number: int
    permission: str
    approver: str | None
    at: datetime | None


class DisbursementDetail(DisbursementView):
    approval_steps: list[ApprovalStepView]


class BatchView(BaseModel):
    """`file_hash` is the SHA-256 of the file's bytes, which never change."""

    batch_id: UUID
    region: str
    state: str
    currency: str
    disbursements: int
    total_minor: int
    file_hash: str
    execution_on: date
    sealed_at: datetime
    sent_at: datetime | None
    answer_by: datetime | None

    @classmethod
    def of(cls, row: BatchRow) -> Self:
        return cls.model_validate({**row.model_dump(exclude={"file"}), "batch_id": row.id})


class SkippedDisbursementView(BaseModel):
    """An approved disbursement that is not in a file. `code`: a `WaitReason` of `domain/batches.py`."""

    disbursement_id: UUID
    code: str


class SealedBatchesView(BaseModel):
    batches: list[BatchView]
    skipped: list[SkippedDisbursementView]


class BankFileView(BaseModel):
    """`reason` says why a refused file could not be read."""

    sha256: str
    name: str
    message: str
    state: str
    reason: str | None
    taken_at: datetime
    lines: int
    applied: int
    unmatched: int


class UnmatchedLineView(BaseModel):
    """A line of a bank file that matches no attempt; the references are the bank's text."""

    file_sha256: str
    line: int
    reason: str
    region: str | None
    amount_minor: int | None
    currency: str | None
    end_to_end_id: str | None
    instr_id: str | None
    pmt_inf_id: str | None
    bank_reference: str | None
    booked_on: date | None


class OrphanOrderView(BaseModel):
    """A transfer in a payment file from before a restore that no attempt matches yet: the money may be paid."""

    voucher_code: str
    amount_minor: int
    currency: str
    batch_id: UUID
    disbursement_id: UUID
    attempt_id: UUID


class RecoveryView(BaseModel):
    recovery_id: UUID
    voucher_id: UUID
    region: str
    amount_minor: int
    currency: str
    state: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    closed_at: datetime | None
    closing_reason: str | None

    @classmethod
    def of(cls, row: RecoveryRow) -> Self:
        return cls.model_validate({**row.model_dump(), "recovery_id": row.id})


class LookupView(BaseModel):
    """`application_id` is None for what concerns no single application: an envelope, a batch, a payee."""

    application_id: UUID | None
    call_id: UUID | None
    region: str
    kind: str
