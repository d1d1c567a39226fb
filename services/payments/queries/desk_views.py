"""The response models of the finance desk. Amounts are minor units of `currency`; instants are programme time, UTC."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.payments.domain.contradictions import ProposedResolution
from services.payments.domain.ledger import RegionEntryKind
from services.payments.queries.views import PostingView
from services.payments.tables import BankLineRow, BankUploadRow, EnvelopeChangeRow, LinePartRow, LineProposalRow, OutcomeProofRow


class WaitingView(BaseModel):
    """`oldest_at`: since when the oldest waits; `due_at`: until when the first has to be done. None: nothing waits, or it has no date."""

    count: int
    oldest_at: datetime | None
    due_at: datetime | None


class DeskView(BaseModel):
    """What waits for finance. `unknown` counts from when the bank should have answered; `to_correct` is what it rejected or returned."""

    to_prepare: WaitingView
    to_approve: WaitingView
    to_seal: WaitingView
    to_release: WaitingView
    unanswered: WaitingView
    unknown: WaitingView
    to_correct: WaitingView
    accounts: WaitingView
    unmatched: WaitingView
    line_proposals: WaitingView
    refused_files: WaitingView
    proofs: WaitingView
    uploads: WaitingView
    envelope_changes: WaitingView
    envelopes_to_confirm: WaitingView
    recoveries: WaitingView


class ApprovalResultView(BaseModel):
    """`code` and `detail`: why this payment was not approved; None where it was. `state` is the one after the act."""

    disbursement_id: UUID
    state: str
    code: str | None
    detail: str | None


class ApprovalResultsView(BaseModel):
    approved: int
    approved_minor: int
    currency: str
    items: list[ApprovalResultView]


class ProposalStateView(BaseModel):
    """What one person proposed: proposed, confirmed by a second one, or rejected."""

    proposal_id: UUID
    state: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class LinePartView(BaseModel):
    """A part of a line. `books` and `books_minor`: the entry that it writes in the ledger of the region."""

    resolution: str
    amount_minor: int
    disbursement_id: UUID | None
    recovery_id: UUID | None
    books: str | None
    books_minor: int | None


class LineProposalView(ProposalStateView):
    """`parts`: of a line that is split. `books` and `books_minor`: the entry that it writes in the ledger of the region."""

    line_id: UUID
    resolution: str
    disbursement_id: UUID | None
    recovery_id: UUID | None
    books: str | None
    books_minor: int | None
    parts: list[LinePartView]

    @classmethod
    def of(cls, row: LineProposalRow, parts: Sequence[LinePartRow] = ()) -> Self:
        shown = [LinePartView.model_validate(part.model_dump()) for part in parts]
        return cls.model_validate({**row.model_dump(), "proposal_id": row.id, "parts": shown})


class OutcomeProofView(ProposalStateView):
    """A document of the bank. `outcome` is paid or rejected, `on` the day that the document names. `removed`: the term of its case is
    over. With `undoes` it has no document: it says that this other one is wrong, and the outcome is unknown again."""

    disbursement_id: UUID
    outcome: str
    on: date
    bank_reference: str | None
    name: str | None
    media_type: str | None
    size_bytes: int | None
    sha256: str | None
    removed: bool
    undoes: UUID | None
    can_be_undone: bool

    @classmethod
    def of(cls, row: OutcomeProofRow, *, can_be_undone: bool = False) -> Self:
        known = row.model_dump(exclude={"document"})
        return cls.model_validate({**known, "proposal_id": row.id, "removed": row.removed_at is not None, "can_be_undone": can_be_undone})


class EnvelopeChangeView(ProposalStateView):
    """`from_call_id`: the envelope that gives; None for money from outside."""

    kind: str
    region: str
    call_id: UUID
    from_call_id: UUID | None
    amount_minor: int
    currency: str

    @classmethod
    def of(cls, row: EnvelopeChangeRow) -> Self:
        return cls.model_validate({**row.model_dump(), "proposal_id": row.id})


class BankLineView(BaseModel):
    """One line of a bank file and what became of it. `event` is what it says of a payment, empty where it decides nothing. `evidence`:
    why it was matched or not, as codes."""

    line_id: UUID
    file_sha256: str
    line: int
    outcome: str
    reason: str
    event: str
    region: str | None
    amount_minor: int | None
    currency: str | None
    booked_on: date | None
    bank_reason: str | None
    bank_reference: str | None
    end_to_end_id: str | None
    instr_id: str | None
    pmt_inf_id: str | None
    disbursement_id: UUID | None
    voucher_id: UUID | None
    batch_id: UUID | None
    recovery_id: UUID | None
    resolution: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    evidence: list[str]

    @classmethod
    def of(cls, row: BankLineRow) -> Self:
        known = {"line_id": row.id, "event": row.payment_event, "booked_on": row.on, "evidence": (row.evidence or "").split()}
        return cls.model_validate({**row.model_dump(), **known})


class PaymentLineView(BankLineView):
    """A line about one payment. `words`: what the bank says in words; none where they were removed."""

    file_name: str
    taken_at: datetime
    words: list[str]


class PreviewLineView(BankLineView):
    """What would become of a line. `foreign`: its account is none that payments are made from. `state_before` and `state_after` are of the
    payment that it would change."""

    account: str | None
    foreign: bool
    voucher_code: str | None
    state_before: str | None
    state_after: str | None


class PreviewAccountView(BaseModel):
    """One account's statement. `region`: whose payments are made from it; None for an account of somebody else."""

    account: str
    region: str | None
    first_day: date | None
    last_day: date | None
    opening_minor: int | None
    closing_minor: int | None
    currency: str | None
    lines: int


class BankFilePreviewView(BaseModel):
    """What a file of the bank would do now. `fingerprint` names it: a confirmation does this or nothing."""

    sha256: str
    message: str
    fingerprint: str
    region: str
    accounts: list[PreviewAccountView]
    lines: list[PreviewLineView]


class BankUploadView(BaseModel):
    """A file of the bank that one person uploaded: proposed, confirmed by a second one, rejected; or refused, with the reason and the place
    at fault in it. `removed`: its content is not kept any more."""

    upload_id: UUID
    sha256: str
    name: str
    size_bytes: int
    message: str
    lines: int
    region: str | None
    state: str
    reason: str | None
    place: str | None
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    removed: bool

    @classmethod
    def of(cls, row: BankUploadRow) -> Self:
        known = row.model_dump(exclude={"content"})
        return cls.model_validate({**known, "upload_id": row.id, "removed": row.removed_at is not None})


class CandidateView(BaseModel):
    """A payment that the line could be about. `evidence`: what speaks for it, the strongest first. `obstacle`: why a match is not possible;
    else `state_after` and `postings` say what a match would change."""

    disbursement_id: UUID
    attempt_id: UUID
    batch_id: UUID | None
    voucher_id: UUID
    voucher_code: str | None
    application_id: UUID
    call_id: UUID
    slug: str
    state: str
    amount_minor: int
    currency: str
    evidence: list[str]
    state_after: str | None
    obstacle: str | None
    postings: list[PostingView]


class RecoveryCandidateView(BaseModel):
    """`quoted`: the credit names its reference. `fits`: it can be settled with this credit; `postings` say what that would change."""

    recovery_id: UUID
    voucher_id: UUID
    reference: str
    amount_minor: int
    currency: str
    quoted: bool
    fits: bool
    postings: list[PostingView]


class LineBookingView(BaseModel):
    """What a resolution books in the ledger of the region, once a second person has confirmed it."""

    resolution: ProposedResolution
    kind: RegionEntryKind
    postings: list[PostingView]


class LineEntryView(BaseModel):
    """What is booked for the line there."""

    entry_id: UUID
    kind: str
    at: datetime
    postings: list[PostingView]


class UndonePaymentView(BaseModel):
    """A payment that a line was matched to: `state_after` its undoing, None where it cannot be undone."""

    disbursement_id: UUID
    state_after: str | None


class BankLineDetail(BankLineView):
    """`bookings`: by resolution, what the ledger of the region would get; of a line whose resolution `can_be_undone`, what undoes it.
    `undone`: the payments that an undoing changes, with the state that each gets; `undo_obstacle`: the code of why one cannot.
    `entries`: what it has got. `words`: what the bank says, `text`: what the payer wrote, `party`: who paid; none where they were
    removed."""

    file_name: str
    taken_at: datetime
    is_open: bool
    is_credit: bool
    can_be_undone: bool
    undo_obstacle: str | None
    undone: list[UndonePaymentView]
    candidates: list[CandidateView]
    recoveries: list[RecoveryCandidateView]
    proposals: list[LineProposalView]
    bookings: list[LineBookingView]
    entries: list[LineEntryView]
    words: list[str]
    text: list[str]
    party: str | None


class JournalEntryView(BaseModel):
    """`call_id` and `slug` are None for an entry of a region, which has the line of the bank. `amount_eur_minor` by the rate `rate_id` of
    the entry's month; None while that is not published."""

    entry_id: UUID
    at: datetime
    kind: str
    region: str
    call_id: UUID | None
    slug: str | None
    line_id: UUID | None
    voucher_id: UUID | None
    from_account: str
    to_account: str
    amount_minor: int
    currency: str
    amount_eur_minor: int | None
    rate_id: str | None


class ExpenditureView(BaseModel):
    """Of a voucher: the eligible expenditure of its paid claims, and the aid paid on it. `provisional`: part of it is in no
    report yet, and is converted by the rate of the current month."""

    voucher_id: UUID
    voucher_code: str | None
    application_id: UUID
    call_id: UUID
    slug: str
    region: str
    currency: str
    eligible_minor: int
    paid_minor: int
    recovered_minor: int
    eligible_eur_minor: int | None
    paid_eur_minor: int | None
    rate_ids: list[str]
    provisional: bool


class ExpenditureReportView(BaseModel):
    """`per_euro`: units of `currency` for one euro, a decimal number as text; `derived` from the ECB's rate of `rate_day`."""

    report_id: UUID
    region: str
    made_by: str
    made_at: datetime
    rate_id: str
    per_euro: str
    derived: bool
    rate_day: date
    currency: str
    payments: int
    eligible_minor: int
    paid_minor: int
    eligible_eur_minor: int
    paid_eur_minor: int


class TakenStepView(BaseModel):
    actor: str
    step: str
    at: datetime


class StandingView(BaseModel):
    """Who took which step in the case of a payment, and which steps the person who asks may not take: step → the reason's code."""

    taken: list[TakenStepView]
    closed: dict[str, str]
