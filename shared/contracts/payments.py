"""What `payments` tells the others."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts.common import CallEvent, Code, Currency, MinorUnits, VoucherEvent
from shared.messaging.event import Event

FUNDS, CLAIMS, DISBURSEMENTS = "payments.funds", "payments.claims", "payments.disbursements"


class EnvelopeOpened(CallEvent, type="payments.EnvelopeOpened.v1", topic=FUNDS, key="call_id", correlation="call_id"):
    """The call's money is in the ledger."""

    amount_minor: MinorUnits
    currency: Currency


class FundsReserved(VoucherEvent, type="payments.FundsReserved.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """Held for an offer. `available_minor` is what the envelope has left."""

    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class FundsReservationRefused(
    VoucherEvent, type="payments.FundsReservationRefused.v1", topic=FUNDS, key="voucher_id", correlation="application_id"
):
    """The envelope has less than was asked for."""

    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class FundsCommitted(VoucherEvent, type="payments.FundsCommitted.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """The reservation became a legal commitment."""

    amount_minor: MinorUnits
    currency: Currency


class FundsReleased(VoucherEvent, type="payments.FundsReleased.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """Given back to the envelope: the reserve list may move up."""

    amount_minor: MinorUnits
    currency: Currency
    available_minor: MinorUnits


class VoucherSettled(VoucherEvent, type="payments.VoucherSettled.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """No claim, payment or recovery of this voucher is open any more and what was left is released."""

    paid_minor: MinorUnits
    recovered_minor: MinorUnits
    released_minor: MinorUnits
    currency: Currency


class RecoveryOrdered(VoucherEvent, type="payments.RecoveryOrdered.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """Money paid on the voucher is asked back."""

    recovery_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class RecoverySettled(VoucherEvent, type="payments.RecoverySettled.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """The money has come back."""

    recovery_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class RecoveryWrittenOff(VoucherEvent, type="payments.RecoveryWrittenOff.v1", topic=FUNDS, key="voucher_id", correlation="application_id"):
    """The money will not come back, by a decision with a reason."""

    recovery_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class ClaimEvent(VoucherEvent):
    claim_id: UUID


class ClaimLodged(ClaimEvent, type="payments.ClaimLodged.v1", topic=CLAIMS, key="claim_id", correlation="application_id"):
    """The beneficiary asks for payment: `requested_minor` of aid on `eligible_minor` of expenditure; to be checked by `check_by`."""

    eligible_minor: MinorUnits
    requested_minor: MinorUnits
    currency: Currency
    check_by: datetime


class ClaimAccepted(ClaimEvent, type="payments.ClaimAccepted.v1", topic=CLAIMS, key="claim_id", correlation="application_id"):
    """Checked; `granted_minor` is to be paid, by `pay_by`."""

    granted_minor: MinorUnits
    currency: Currency
    pay_by: datetime


class ClaimRejected(ClaimEvent, type="payments.ClaimRejected.v1", topic=CLAIMS, key="claim_id", correlation="application_id"):
    """Checked and refused."""

    rules: list[Code]


class DisbursementEvent(VoucherEvent):
    """`attempt` counts the tries under one disbursement id, from 1; at most one is ever live."""

    disbursement_id: UUID
    attempt: int


class DisbursementPrepared(
    DisbursementEvent, type="payments.DisbursementPrepared.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """To be approved by somebody else."""

    claim_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class DisbursementApproved(
    DisbursementEvent, type="payments.DisbursementApproved.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """One approval; `complete` when the policy asks for no further one."""

    approvals: int
    complete: bool


class DisbursementCancelled(
    DisbursementEvent, type="payments.DisbursementCancelled.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """Will not be paid; its amount is decommitted."""


class BatchEvent(Event):
    batch_id: UUID
    region: str


class BatchSealed(BatchEvent, type="payments.BatchSealed.v1", topic=DISBURSEMENTS, key="batch_id", correlation="batch_id"):
    """The bank file's bytes are fixed. `file_hash` is SHA-256, hex."""

    currency: Currency
    disbursements: int
    total_minor: MinorUnits
    file_hash: str
    execution_on: date


class BatchSent(BatchEvent, type="payments.BatchSent.v1", topic=DISBURSEMENTS, key="batch_id", correlation="batch_id"):
    """The file lies in the outgoing folder; the bank should have answered on all by `answer_by`."""

    disbursement_ids: list[UUID]
    answer_by: datetime


class DisbursementAccepted(
    DisbursementEvent, type="payments.DisbursementAccepted.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """The bank took it (pain.002)."""

    batch_id: UUID


class DisbursementRejected(
    DisbursementEvent, type="payments.DisbursementRejected.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """The bank refused it (pain.002); `bank_reason` is an ISO 20022 external status reason."""

    batch_id: UUID
    bank_reason: str


class DisbursementOutcomeUnknown(
    DisbursementEvent,
    type="payments.DisbursementOutcomeUnknown.v1",
    topic=DISBURSEMENTS,
    key="disbursement_id",
    correlation="application_id",
):
    """No answer in time: it may or may not have been paid. Enquired, never sent again by itself."""

    batch_id: UUID


class DisbursementPaid(
    DisbursementEvent, type="payments.DisbursementPaid.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """Booked on the account statement (camt.053)."""

    batch_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    booked_on: date


class DisbursementReturned(
    DisbursementEvent, type="payments.DisbursementReturned.v1", topic=DISBURSEMENTS, key="disbursement_id", correlation="application_id"
):
    """Booked, then sent back by the receiving bank."""

    batch_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    returned_on: date
    bank_reason: str
