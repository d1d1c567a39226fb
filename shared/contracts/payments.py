"""Events that `payments` publishes."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from shared.contracts.common import CalendarId, CallEvent, Code, Currency, MinorUnits, Relation, TasksCounted, VoucherEvent
from shared.identity.duties import Duty, duty_of_setting
from shared.messaging.event import Event

FUNDS, CLAIMS, DISBURSEMENTS, PAYEES = "payments.funds", "payments.claims", "payments.disbursements", "payments.payees"
PROVIDERS, TASKS = "payments.providers", "payments.tasks"


class EnvelopeEvent(CallEvent, abstract=True, topic=FUNDS):
    """About the budget envelope of a call."""


class FundsEvent(VoucherEvent, abstract=True, topic=FUNDS):
    """About the money of a voucher."""


class EnvelopeOpened(EnvelopeEvent, reader="verify (invariant 3)"):
    """The call's money is in the ledger. `needs_confirmation`: above the policy's ceiling, nothing is reserved until finance agrees."""

    amount_minor: MinorUnits
    currency: Currency
    needs_confirmation: bool | None = None


class EnvelopeConfirmed(EnvelopeEvent, duty=Duty.CONFIRM_BUDGET):
    """A person of finance, other than the publisher of the call, has confirmed an envelope above the policy's ceiling."""

    amount_minor: MinorUnits
    currency: Currency


class EnvelopeChanged(EnvelopeEvent, duty=Duty.CONFIRM_BUDGET):
    """Two persons have changed the envelope: a top-up from outside, or one side of a transfer. `change_minor` is negative for the envelope
    that gives; `amount_minor` is what the envelope has then, in all."""

    change_id: UUID
    change_minor: int
    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class FundsReserved(FundsEvent):
    """Held for an offer. `available_minor` is what the envelope has left."""

    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class FundsReservationRefused(FundsEvent):
    """Not held: the envelope has less than was asked for (`rule` envelope-exhausted; older events have None), or the single undertaking
    would have too much de minimis aid (`rule` de-minimis-ceiling): the ceiling leaves `headroom_minor`, in the currency of the call."""

    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits
    rule: Code | None = None
    headroom_minor: MinorUnits | None = None


class FundsCommitted(FundsEvent):
    """The reservation became a legal commitment."""

    amount_minor: MinorUnits
    currency: Currency


class FundsReleased(FundsEvent):
    """Decommitted: the money is available in the envelope again, and the reserve list may move up."""

    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class FundsAdded(FundsEvent):
    """A granted change of the voucher took more from the envelope: `amount_minor` besides what it had."""

    change_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class VoucherValueChanged(FundsEvent):
    """A granted change of the amount is booked: claims are taken up to `amount_minor` in all."""

    change_id: UUID
    previous_minor: MinorUnits
    amount_minor: MinorUnits
    currency: Currency


class VoucherValueRefused(FundsEvent):
    """A granted change of the amount cannot be booked: `rule` is envelope-exhausted, below-claimed, claims-closed or
    de-minimis-ceiling. `limit_minor` is the bound: the most, or the least, that the voucher can be worth now."""

    change_id: UUID
    rule: Code
    limit_minor: MinorUnits
    currency: Currency


class VoucherSettled(FundsEvent):
    """No claim, payment or recovery of this voucher is open any more and what was left is released."""

    paid_minor: MinorUnits
    recovered_minor: MinorUnits
    released_minor: MinorUnits
    currency: Currency


class DepositAwaited(FundsEvent, reader="case history"):
    """The own share has to be paid in by `due_at`; until then no claim is taken. `calendar_id` counts its days (None: not known)."""

    amount_minor: MinorUnits
    currency: Currency
    due_at: datetime
    calendar_id: CalendarId | None = None


class DepositReceived(FundsEvent):
    """The own share is on the account of the region: claims are taken."""

    amount_minor: MinorUnits
    currency: Currency


class RecoveryEvent(FundsEvent, abstract=True, topic=FUNDS):
    """About paid money that is asked back."""

    recovery_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class RecoveryOrdered(RecoveryEvent, reader="verify (invariant 3); case history", duty=Duty.ORDER_RECOVERY):
    """Money paid on the voucher is asked back."""


class RecoverySettled(RecoveryEvent, reader="verify (invariant 3); case history", duty=Duty.CLOSE_RECOVERY):
    """The money has come back. `reopened`: how often the recovery was opened again before (None: never)."""

    reopened: int | None = None


class RecoveryWrittenOff(RecoveryEvent, reader="verify (invariant 3); case history", duty=Duty.CLOSE_RECOVERY):
    """The money will not come back, by a decision with a reason. `reopened`: as above."""

    reopened: int | None = None


class OrderRerouted(VoucherEvent, topic=CLAIMS, key="order_id"):
    """The provider left the catalogue, or was suspended, before it had delivered: the beneficiary chooses another one on the same terms."""

    order_id: UUID
    provider_id: UUID
    provider_organisation_id: UUID


class ClaimEvent(VoucherEvent, abstract=True, topic=CLAIMS, key="claim_id"):
    """About a claim."""

    claim_id: UUID


class ClaimLodged(ClaimEvent, duty=Duty.APPLY):
    """The beneficiary asks for payment: `requested_minor` of aid on `eligible_minor` of expenditure; to be checked by `check_by`."""

    eligible_minor: MinorUnits
    requested_minor: MinorUnits
    currency: Currency
    check_by: datetime


class ClaimAccepted(ClaimEvent, duty=Duty.CHECK_CLAIM):
    """Checked; `granted_minor` is to be paid, by `pay_by`. `requested_minor`: what was asked for (None in older events); `cut_lines`: the
    numbers of lines of which something was cut. Of what is granted, `settled_minor` is settled against the advance, `retained_minor` kept
    until the final report is accepted (None: nothing); the rest is paid, and with it `own_minor` of the deposit."""

    granted_minor: MinorUnits
    requested_minor: MinorUnits | None = None
    cut_lines: list[int] = Field(default_factory=list)
    currency: Currency
    pay_by: datetime
    settled_minor: MinorUnits | None = None
    retained_minor: MinorUnits | None = None
    own_minor: MinorUnits | None = None


class ClaimReturned(ClaimEvent, duty=Duty.CHECK_CLAIM):
    """Returned to the beneficiary for correction, to be lodged again by `correct_by`. Its money and its documents stay with it.
    `calendar_id`: by which days off the term was counted; None in events from before."""

    correct_by: datetime
    calendar_id: CalendarId | None = None


class ClaimReplaced(ClaimEvent, duty=Duty.APPLY):
    """The beneficiary has lodged the corrected claim, which has an id of its own, in place of the one that was returned."""

    replaced_by: UUID


class ClaimRejected(ClaimEvent, duty=Duty.CHECK_CLAIM):
    """Checked and refused."""

    rules: list[Code]


class BalanceReleased(ClaimEvent, reader="verify (invariant 2); case history"):
    """The final report was accepted: what was kept of the voucher's claims is paid, as a claim of its own, by `pay_by`."""

    amount_minor: MinorUnits
    currency: Currency
    pay_by: datetime


class ProviderRegistrationChanged(Event, topic=PROVIDERS, key="provider_id", correlation="provider_id"):
    """An organisation as a provider is in `state` from now on: applied, in-check, approved, refused, suspended or withdrawn. `step` counts
    the changes. `relations`: keyed hashes of its tax number and owners, by which applicants that are linked to it are found."""

    provider_id: UUID
    organisation_id: UUID
    region: str
    state: Code
    step: int
    relations: list[Relation]


class PayeeEvent(Event, abstract=True, topic=PAYEES, key="payee_id", correlation="payee_id"):
    """About the account of a payee, without number or name. `kind` is beneficiary or provider; `version` counts its accounts, from 1."""

    payee_id: UUID
    region: str
    kind: Code
    version: int


class PayeeAccountRegistered(PayeeEvent, reader="verify (invariant 5); notice to the holder", duty=Duty.SET_ACCOUNT):
    """The payee's first account, in force without a second person: no other payee has it. It rests before it is paid."""

    @property
    def duty_taken(self) -> Duty:
        return duty_of_setting(self.kind)


class ProposalEvent(PayeeEvent, abstract=True):
    """About an account that waits for a second person; `version` is the one that it gets or would have got."""

    proposal_id: UUID


class PayeeAccountProposed(ProposalEvent, reader="verify (invariant 5); notice to the holder", duty=Duty.SET_ACCOUNT):
    """Another account or holder's name, or a first account that another payee has. The account in force stays."""

    @property
    def duty_taken(self) -> Duty:
        return duty_of_setting(self.kind)


class PayeeAccountConfirmed(ProposalEvent, reader="verify (invariant 5); notice to the holder", duty=Duty.CONFIRM_ACCOUNT):
    """A second person put it in force. Approvals of the old account are void, and it rests before it is paid."""


class PayeeAccountRejected(ProposalEvent, reader="verify (invariant 5); notice to the holder"):
    """A second person refused it. The account in force stays."""


class DisbursementEvent(VoucherEvent, abstract=True, topic=DISBURSEMENTS, key="disbursement_id"):
    """`attempt` counts the tries under one disbursement id, from 1; at most one is ever live."""

    disbursement_id: UUID
    attempt: int


class DisbursementPrepared(DisbursementEvent, reader="verify (invariant 5); case history", duty=Duty.PREPARE):
    """To be approved by somebody else."""

    claim_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class DisbursementApproved(DisbursementEvent, reader="verify (invariant 5); case history", duty=Duty.APPROVE):
    """One approval; `complete` when the policy asks for no further one. `payment_key`: keyed hash of the payee, name, account and amount
    that the approver saw; '' in events from before it was kept."""

    approvals: int
    complete: bool
    payment_key: str = ""


class DisbursementCancelled(DisbursementEvent, reader="verify (invariant 2); case history", duty=Duty.PREPARE):
    """Will not be paid; its amount is decommitted."""


class DisbursementRejectionConfirmed(DisbursementEvent, reader="verify (invariant 2); case history", duty=Duty.RESOLVE_BANK_LINE):
    """A second person has asked the bank: the rejected payment was not made, and the next attempt may begin."""


class BankLineEvent(VoucherEvent, abstract=True, topic=DISBURSEMENTS, key="line_id"):
    """About a line of a bank file that could not be applied. `disbursement_id` None: it names only the voucher."""

    line_id: UUID
    disbursement_id: UUID | None


class BankLineUnmatched(BankLineEvent, reader="verify (invariant 2); case history"):
    """The line contradicts what is known: the payment, or all payments of the voucher, are frozen. `code` says why."""

    code: Code


class BankLineResolved(BankLineEvent, reader="verify (invariant 2); case history", duty=Duty.RESOLVE_BANK_LINE):
    """The line no longer stops anything; the event's reason says how a person resolved it, or that it was applied later."""


class BatchEvent(Event, abstract=True, topic=DISBURSEMENTS, key="batch_id", correlation="batch_id"):
    """About a payment batch."""

    batch_id: UUID
    region: str


class BatchSealed(BatchEvent, reader="verify (invariant 2); restore"):
    """The bank file's bytes are fixed. `file_hash` is SHA-256, hex."""

    currency: Currency
    disbursements: int
    total_minor: MinorUnits
    file_hash: str
    execution_on: date


class BatchReleased(BatchEvent, reader="verify (invariant 5); case history"):
    """A second person has given the sealed file out. `file_hash` is the hash that is signed."""

    file_hash: str


class BatchSent(BatchEvent):
    """The file lies in the outgoing folder; the bank should have answered on all by `answer_by`."""

    disbursement_ids: list[UUID]
    answer_by: datetime


class BankAnswer(DisbursementEvent, abstract=True, topic=DISBURSEMENTS, key="disbursement_id"):
    """`correction`: how often what was known of the attempt was corrected before (`corrections.py`; None: never)."""

    batch_id: UUID
    correction: int | None = None


class DisbursementAccepted(BankAnswer):
    """The bank took it (pain.002)."""


class DisbursementRejected(BankAnswer):
    """The bank refused it (pain.002); `bank_reason` is an ISO 20022 external status reason."""

    bank_reason: str


class DisbursementOutcomeUnknown(DisbursementEvent, reader="case history; finance's list of unknown payments"):
    """No answer in time: it may or may not have been paid. Enquired, never sent again by itself."""

    batch_id: UUID


class DisbursementPaid(BankAnswer):
    """Booked on the account statement (camt.053). `own_minor` of it is of the beneficiary's deposit (None: nothing)."""

    amount_minor: MinorUnits
    currency: Currency
    booked_on: date
    own_minor: MinorUnits | None = None


class DisbursementReturned(BankAnswer):
    """Booked, then sent back by the receiving bank. `own_minor`: as above."""

    amount_minor: MinorUnits
    currency: Currency
    returned_on: date
    bank_reason: str
    own_minor: MinorUnits | None = None


class PaymentTasksCounted(TasksCounted, topic=TASKS):
    """What waits in a region: claims, and everything at the desk of finance."""
