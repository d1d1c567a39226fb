"""The response models of payments. Amounts are minor units of `currency`; instants are programme time, UTC."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.payments.domain.accounts import masked
from services.payments.domain.batches import WAIT_MEANINGS, WaitReason
from services.payments.domain.state_aid import RegisterState
from services.payments.queries.line_facts import is_credit
from services.payments.tables import AccountProposalRow, BankLineRow, BatchRow, EnvelopeRow, PayeeAccountRow, PayeeRow, RecoveryRow


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
    """A voucher's money, and until when and why not claims are taken. `amount_minor` is what the award gave, `value_minor` what it is worth
    now."""

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
    value_minor: int
    reserved_minor: int
    committed_minor: int
    claimed_minor: int
    paid_minor: int
    recovered_minor: int
    released_minor: int
    claim_window_until: datetime | None


class ProposalView(BaseModel):
    """An account that waits for a second person. `reason`: account-changed, or account-shared when another payee has it.
    `name` and `account` are None where the payee was erased.
    """

    proposal_id: UUID
    payee_id: UUID
    region: str
    name: str | None
    account: dict[str, str] | None
    reason: str
    proposed_by: str
    proposed_at: datetime

    @classmethod
    def of(cls, row: AccountProposalRow) -> Self:
        return cls.model_validate({**row.model_dump(), "proposal_id": row.id, "account": _account(row.account_number)})


class PayeeView(BaseModel):
    """`name` and `account` are those in force, None while the first one waits for a second person; `proposal` is what waits.
    `cooling_off_until`: nothing is paid to the account before, because it is new.
    """

    payee_id: UUID
    kind: str
    region: str
    organisation_id: UUID | None
    name: str | None
    account: dict[str, str] | None
    address: dict[str, Any] | None
    account_version: int
    cooling_off_until: datetime | None
    proposal: ProposalView | None

    @classmethod
    def of(cls, row: PayeeRow, waiting: AccountProposalRow | None) -> Self:
        account = _account(row.account_number)
        proposal = None if waiting is None else ProposalView.of(waiting)
        return cls.model_validate({**row.model_dump(), "payee_id": row.id, "account": account, "proposal": proposal})


class AccountView(BaseModel):
    """A payee's account in force, masked: country and last four characters. None while the first one waits for a second person."""

    payee_id: UUID
    kind: str
    region: str
    organisation_id: UUID | None
    name: str | None
    account: str | None
    account_version: int
    account_set_by: str
    account_set_at: datetime
    cooling_off_until: datetime | None

    @classmethod
    def of(cls, row: PayeeRow) -> Self:
        return cls.model_validate({**row.model_dump(), "payee_id": row.id, "account": _masked(row.account_number)})


class AccountVersionView(BaseModel):
    """A version of an account. `confirmed_by` is None where no second person was needed, and for versions from before there was one.
    `name` and `account` are None where the payee was erased.
    """

    version: int
    name: str | None
    account: str | None
    set_by: str
    set_at: datetime
    confirmed_by: str | None
    in_force_at: datetime | None

    @classmethod
    def of(cls, row: PayeeAccountRow) -> Self:
        return cls.model_validate({**row.model_dump(), "account": _masked(row.account_number)})


class DisbursementView(BaseModel):
    """`state` and the fields after `attempt` are those of the latest attempt.

    `payee_name` is the holder's, None of an erased one; `pay_by` is the claim's; `payment_hash` is over payee, name, account and amount.

    `waits_for`: 'bank-line-open' while a person has to resolve `open_line_id`, 'statement-awaited' while the next attempt waits for the
    bank's statement of `statement_day` or for a second person's confirmation.
    """

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
    payee_name: str | None
    voucher_code: str | None
    pay_by: datetime | None
    payment_hash: str
    batch_id: UUID | None
    bank_reason: str | None
    paid_on: date | None
    returned_on: date | None
    enquired_at: datetime | None
    waits_for: str | None = None
    open_line_id: UUID | None = None
    statement_day: date | None = None


class ApprovalStepView(BaseModel):
    """A step of the policy's table of approvals. `approver` and `at` are None while it is not given."""

    number: int
    permission: str
    approver: str | None
    at: datetime | None


class DisbursementDetail(DisbursementView):
    """With what an approver approves; the account is masked.

    `counted_minor` is the sum whose approvals the payment needs: with what else goes to the voucher or to the account.
    """

    counted_minor: int
    account: AccountVersionView
    approval_steps: list[ApprovalStepView]


class BatchView(BaseModel):
    """`file_hash` is the SHA-256 of the file's bytes, which never change; it is what our signature is given over."""

    batch_id: UUID
    region: str
    state: str
    currency: str
    disbursements: int
    total_minor: int
    file_hash: str
    execution_on: date
    sealed_at: datetime
    sealed_by: str | None
    released_at: datetime | None
    released_by: str | None
    sent_at: datetime | None
    answer_by: datetime | None

    @classmethod
    def of(cls, row: BatchRow) -> Self:
        return cls.model_validate({**row.model_dump(exclude={"file"}), "batch_id": row.id})


class SkippedDisbursementView(BaseModel):
    """An approved disbursement that is in no file yet."""

    disbursement_id: UUID
    code: Annotated[WaitReason, Field(description="\n".join(f"* `{code}`: {text}" for code, text in WAIT_MEANINGS.items()))]


class SealedBatchesView(BaseModel):
    batches: list[BatchView]
    skipped: list[SkippedDisbursementView]


class BankFileView(BaseModel):
    """`reason` says why a refused file could not be read, `place` where in it the fault is. `upload_id`: two persons took it; None: it came
    by the bank's folder. Of a refused one: `dismissed`, `retry_at`: since when it waits to be read once more."""

    sha256: str
    name: str
    message: str
    state: str
    reason: str | None
    taken_at: datetime
    lines: int
    applied: int
    unmatched: int
    place: str | None
    upload_id: UUID | None
    dismissed: bool
    retry_at: datetime | None


class UnmatchedLineView(BaseModel):
    """A line of a bank file that matches no attempt; the references are the bank's text. While it is open, it freezes the payment, or
    the payments of the voucher or the batch, that it names. `is_credit`: money came in; `bank_reason`: the bank's code."""

    line_id: UUID
    disbursement_id: UUID | None
    voucher_id: UUID | None
    batch_id: UUID | None
    recovery_id: UUID | None
    resolution: str | None
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
    bank_reason: str | None
    booked_on: date | None
    is_credit: bool

    @classmethod
    def of(cls, row: BankLineRow) -> Self:
        return cls.model_validate({**row.model_dump(), "line_id": row.id, "booked_on": row.on, "is_credit": is_credit(row)})


class OrphanOrderView(BaseModel):
    """A transfer in a payment file from before a restore that no attempt matches yet: the money may be paid."""

    voucher_code: str
    amount_minor: int
    currency: str
    batch_id: UUID
    disbursement_id: UUID
    attempt_id: UUID


class RecoveryView(BaseModel):
    """`reference` is what the debtor quotes; a credit that quotes it and has the amount settles the recovery. `bank_reference` is the
    bank's own of that credit."""

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
    reference: str
    bank_reference: str | None

    @classmethod
    def of(cls, row: RecoveryRow) -> Self:
        return cls.model_validate({**row.model_dump(), "recovery_id": row.id})


class AidEntryView(BaseModel):
    """Granted de minimis aid, with what the register asks for (Regulation (EU) 2023/2831, article 6(1)), but for who the beneficiary is,
    which applications knows. `eur_minor`: EUR cents at the rate `rate_id`, of which one euro is `per_euro` units. `activity_code`: NACE;
    None in cases from before it was kept. `register_state` is None when nothing of it was left to enter. `in_kind`: hours or places, whose
    amount is their gross grant equivalent."""

    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    member_state: str
    regulation: str
    currency: str
    awarded_minor: int
    amount_minor: int
    eur_minor: int
    rate_id: str
    per_euro: str
    in_kind: bool
    activity_code: str | None
    granted_on: date
    register_by: datetime
    register_state: RegisterState | None
    overdue: bool
    register_number: str | None
    registered_on: date | None
    registered_by: str | None
    registered_minor: int | None


class LookupView(BaseModel):
    """`application_id` is None for what concerns no single application: an envelope, a batch, a payee."""

    application_id: UUID | None
    call_id: UUID | None
    region: str
    kind: str


def _account(number: str | None) -> dict[str, str] | None:
    return None if number is None else {"iban" if number[:2].isalpha() else "bban": number}


def _masked(number: str | None) -> str | None:
    return None if number is None else masked(number)
