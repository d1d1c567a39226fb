"""Disbursements, their attempts and the approvals of these."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, col

from services.payments.domain.status import IN_FORCE, NEXT_STATES
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions


class DisbursementRow(Table, table=True):
    """The payment of one accepted claim, one id for life. `state` and `attempt` are those of the latest attempt. `own_minor` of it is
    of the beneficiary's deposit."""

    __tablename__ = "disbursements"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="pays_something"),
        CheckConstraint("own_minor >= 0 AND own_minor < amount_minor", name="own_part_of_the_payment"),
        Index("ix_disbursements_list", "region", "prepared_at", "id"),
        Index("ix_disbursements_open", "region", "state", postgresql_where=text("state <> 'paid'")),
        fixed("id claim_id voucher_id region call_id currency amount_minor own_minor prepared_at"),
    )

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(sa_column=Column(ForeignKey("claims.id"), nullable=False, unique=True))
    voucher_id: UUID = refers("vouchers.id")
    region: str
    call_id: UUID = Field(index=True)
    currency: str
    amount_minor: int = minor()
    own_minor: int = minor(0)
    state: str = Field(index=True)
    attempt: int = 1
    prepared_at: datetime = Field(sa_type=INSTANT)

    @property
    def aid_minor(self) -> int:
        """What of it is the voucher's money."""
        return self.amount_minor - self.own_minor


class AttemptRow(Table, table=True):
    """One attempt to pay a disbursement. The partial index stops a second payment while one is on its way or paid.

    `booked_by`: the kind of message that booked it, 'camt.053'. `prepared_at` is None for attempts from before approvals counted sums.
    `counted_minor` is the sum whose approvals it needs (`domain/approvals.py`); `cooling_off_until` is set when it goes to another payee
    than the claim names. `corrections`: how often an answer was undone by persons, or money left again after it had come back
    (`returned_before`: the day on which it had).
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("disbursement_id", "number", name="numbered_once"),
        Index("one_attempt_in_force", "disbursement_id", unique=True, postgresql_where=text(one_of("state", IN_FORCE))),
        CheckConstraint("approvals BETWEEN 0 AND approvals_needed", name="approvals_counted"),
        CheckConstraint("(state IN ('prepared', 'approved', 'cancelled')) OR batch_id IS NOT NULL", name="sent_in_a_batch"),
        CheckConstraint("(rejection_confirmed_at IS NULL) = (rejection_confirmed_by IS NULL)", name="confirmed_by_somebody"),
        fixed("id disbursement_id number payee_id prepared_by prepared_at cooling_off_until"),
    )

    id: UUID = Field(primary_key=True)
    disbursement_id: UUID = refers("disbursements.id")
    number: int
    state: str = Field(index=True)
    payee_id: UUID = refers("payees.id")
    account_version: int
    prepared_by: str
    prepared_at: datetime | None = instant()
    counted_minor: int = minor()
    cooling_off_until: datetime | None = instant()
    approvals: int = 0
    approvals_needed: int
    batch_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("batches.id"), index=True))
    bank_reason: str | None = None
    bank_reference: str | None = None
    paid_on: date | None = None
    booked_by: str | None = None
    returned_on: date | None = None
    enquired_at: datetime | None = instant()
    enquired_by: str | None = None
    rejection_confirmed_at: datetime | None = instant()
    rejection_confirmed_by: str | None = None
    corrections: int = 0
    returned_before: date | None = None


class ApprovalRow(Table, table=True):
    """One approval of one attempt on one version of the account; `step` is its number in the policy's table, from 1, and
    `payment_hash` is the hash of payee, name, account and amount as the approver saw them.

    The key stops one person from giving two steps, the constraint stops two persons from giving the same step.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("attempt_id", "account_version", "step", name="one_approval_per_step"),
        CheckConstraint("step > 0", name="step_counts_from_one"),
        written_once(),
    )

    attempt_id: UUID = Field(sa_column=Column(ForeignKey("attempts.id"), primary_key=True))
    account_version: int = Field(primary_key=True)
    approver: str = Field(primary_key=True)
    step: int
    payment_hash: str
    at: datetime = Field(sa_type=INSTANT)


guard_transitions(col(AttemptRow.state), NEXT_STATES)
