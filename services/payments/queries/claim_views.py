"""The response models of claims and of their drafts. Amounts are minor units of `currency`; instants are programme time, UTC."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.files.clamav import ScanState


class EvidenceView(BaseModel):
    """`line` and `file_id` of a document that was given at a line of the claim: its content can be read here."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    reference: str | None
    sha256: str
    issued_on: date
    amount_minor: int
    line: int | None
    file_id: UUID | None


class DocumentView(BaseModel):
    """A file at a line. `kind`: what it proves; `scan`: clean, or unscanned where the installation has no scanner. `name` is null of a file
    whose content is deleted."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    name: str | None
    media_type: str
    size_bytes: int
    sha256: str
    scan: ScanState
    uploaded_at: datetime


class LineView(BaseModel):
    """An invoice. `currency` is that of `net_minor` and `vat_minor`; `claimed_minor` and `cut_minor` are in the currency of the voucher.
    `cut_minor` is null until an officer has looked at the line, 0 of one that is accepted. With `hours_hundredths` it is hours of one of
    the beneficiary's own people: the person's `function`, from `worked_from` to `issued_on`."""

    line_id: UUID | None
    number: int
    seller: str | None
    seller_tax_number: str | None
    reference: str | None
    issued_on: date
    ordered_on: date | None
    delivered_on: date | None
    paid_on: date | None
    net_minor: int
    vat_minor: int
    vat_recoverable: bool
    currency: str
    claimed_minor: int
    function: str | None
    worked_from: date | None
    hours_hundredths: int | None
    cut_minor: int | None
    cut_reason: str | None
    documents: list[DocumentView]


class LineSumView(BaseModel):
    """What counts of a line: the invoice, less the VAT that is recovered, less what is not claimed, less the cut. The two in the middle are
    null for an invoice in another currency than the voucher's."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    invoiced_minor: int
    currency: str
    vat_left_out_minor: int | None
    not_claimed_minor: int | None
    claimed_minor: int
    cut_minor: int
    eligible_minor: int


class ComputationView(BaseModel):
    """Each step from the lines to what is paid: the lines' eligible expenditure, its share by the aid intensity with `remainder_minor`,
    which the roundings of earlier claims left, and what the voucher had left (its value less what was claimed before). `paid_minor` is the
    lesser of the last two, `own_minor` what the beneficiary bears. `hours_minor`: what own hours come to after the cuts, of which
    `counted_hours_minor` is in the eligible expenditure."""

    model_config = ConfigDict(from_attributes=True)

    lines: list[LineSumView]
    claimed_minor: int
    cut_minor: int
    eligible_minor: int
    intensity_bp: int
    remainder_minor: int
    aid_minor: int
    value_minor: int
    before_minor: int
    left_minor: int
    paid_minor: int
    own_minor: int
    hours_minor: int
    counted_hours_minor: int


class GuaranteeView(BaseModel):
    """Of a bank, against which an advance is paid: its number, its amount, the last day on which it holds."""

    reference: str
    amount_minor: int
    valid_until: date


class ClaimView(BaseModel):
    """`similar_lines`: the documents, counted from 1, that look like invoices of other live claims (`domain/invoices.py`), and have to be
    confirmed when the claim is accepted; `similar_invoice`: there are such. None for the beneficiary.

    A claim that was lodged from a draft has its `draft_id`; of a returned one it may be corrected until `correct_by` and lodged again, as
    another claim that `replaces` it.

    `kind`: expenditure, advance or balance. Of what is granted `settled_minor` is settled against the advance and `retained_minor` kept for
    the balance; `own_minor` of the deposit is paid beside it, `payable_minor` in all. `guarantee` of an advance.
    """

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
    kind: str
    settled_minor: int
    retained_minor: int
    own_minor: int
    payable_minor: int
    guarantee: GuaranteeView | None
    currency: str
    lodged_at: datetime
    check_by: datetime
    overdue: bool
    decided_at: datetime | None
    pay_by: datetime | None
    rules: list[str]
    note: str | None
    draft_id: UUID | None
    replaces: UUID | None
    correct_by: datetime | None
    disbursement_id: UUID | None
    similar_invoice: bool | None
    similar_lines: list[int] | None
    evidence: list[EvidenceView]


class ClaimDetail(ClaimView):
    """With its lines and what they come to; no lines, and null, for a claim that was lodged as a whole. A cut is the beneficiary's to read
    once the claim is decided or returned. `pay_to` is the holder of the account."""

    lines: list[LineView]
    computation: ComputationView | None
    pay_to: str | None


class GapView(BaseModel):
    """What is missing before the draft can be lodged: a code, and a sentence in the reader's language. `line`: at which line."""

    code: str
    message: str
    field: str | None
    line: int | None


class PayeeChoiceView(BaseModel):
    """To whom the claim may be paid: the organisation's own accounts, masked, or the providers of the region without theirs. `name` is null
    while a first account waits for a second person."""

    payee_id: UUID
    name: str | None
    account: str | None


class OwnHoursView(BaseModel):
    """What an hour of the beneficiary's own people counts, the largest part of the own share that hours may be (basis points), and the most
    that one person works on a day (hundredths of an hour)."""

    model_config = ConfigDict(from_attributes=True)

    rate_minor: int
    most_share_bp: int
    most_a_day_hundredths: int


class ClaimDraftView(BaseModel):
    """A claim as it is prepared. `state`: draft, or that of the claim that it was lodged as. `note` and `correct_by` of a returned one.
    `evidence`: the kinds of documents that the policy asks for; `recoverable_vat_eligible` and `vat_eligible`:
    as the policy says; `recovers_vat`: as the firm declared. `grace_until`: until when invoices may be dated for what was ordered until
    `valid_until`, None where there is no such time. `order_id`: of the order whose invoices it has. `own_hours`: null where the own share
    is money."""

    draft_id: UUID
    order_id: UUID | None
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    currency: str
    payment_mode: str | None
    claim_id: UUID | None
    state: str
    editable: bool
    payee_id: UUID | None
    note: str | None
    correct_by: datetime | None
    claim_window_until: datetime | None
    evidence: list[str]
    recoverable_vat_eligible: bool
    vat_eligible: str | None
    recovers_vat: bool | None
    valid_until: datetime | None
    grace_until: datetime | None
    own_hours: OwnHoursView | None
    payees: list[PayeeChoiceView]
    lines: list[LineView]
    computation: ComputationView
    gaps: list[GapView]


class AdvanceView(BaseModel):
    """The advance of a voucher: at most `most_minor`. `claim_id` and `state` of the one that is asked for or granted; what was paid of it,
    what claims have settled, and what of the payment is not settled yet. `refusal`: the code of why none can be asked for now."""

    against: str
    share_bp: int
    most_minor: int
    claim_id: UUID | None
    state: str | None
    granted_minor: int
    paid_minor: int
    settled_minor: int
    unspent_minor: int
    may_ask: bool
    refusal: str | None


class BalanceView(BaseModel):
    """What was kept of the claims. `outcome`: released once the final report is accepted, lapsed when none came in time, null before."""

    share_bp: int
    retained_minor: int
    outcome: str | None


class DepositView(BaseModel):
    """The own share that is paid in. `state`: awaited, paid, lapsed or closed. How to pay: to `account` of `payee`, quoting `reference`.
    `used_minor` has paid providers; `left_minor` goes back to its sender."""

    amount_minor: int
    due_at: datetime
    state: str
    reference: str
    account: str
    payee: str
    paid_on: date | None
    used_minor: int
    left_minor: int


class InstalmentsView(BaseModel):
    """What a voucher pays before and after its claims; null where the policy pays nothing then. `payees`: to whom an advance may be paid,
    for the beneficiary."""

    voucher_id: UUID
    region: str
    currency: str
    payment_mode: str | None
    claim_window_until: datetime | None
    payees: list[PayeeChoiceView]
    advance: AdvanceView | None
    balance: BalanceView | None
    deposit: DepositView | None
