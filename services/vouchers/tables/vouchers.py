"""Vouchers, their extensions and what was paid on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.vouchers.domain.stages import AWAITS_PAYMENTS, TRANSITIONS, Stage, end_of_stage, status_of
from services.vouchers.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import VoucherOutcome
from shared.privacy.sealed import about_subject


class VoucherRow(Table, table=True):
    """One award's voucher from the request of its money to its end. A command that changes it holds its lock, so changes
    happen one after another. `reserved_at`, `refused_at`, `committed_at`, `released_at` and `settled_at` are replies of payments, written
    by the inbox: a workflow goes on by them, and not by a signal. `agreement_hash`: of the terms, from the acceptance on.
    `amount_minor` is what the award gave, `value_minor` what it is worth by the changes in force, `drawn_minor` what it took from the
    envelope in all, or may take by a change that payments has not answered. `refused_rule`: why payments did not reserve it, None where
    it is the envelope of a refusal from before it was said. After `removed_at` its requests for changes have no words.
    `report_decided_at`: the final report was accepted, or none came in time. `confirm_by`: of a voucher of hours or places, when the next
    record of an attendance stands by itself; its amounts are worth in aid, and no money."""

    __tablename__ = "vouchers"
    __table_args__ = (
        # Stops a second payment: a case that is granted again while its last voucher still holds money.
        Index("one_live_voucher", "application_id", unique=True, postgresql_where="state <> 'closed'"),
        Index("ix_vouchers_list", "region", "state"),
        Index("ix_vouchers_newest", "region", "created_at", "id"),
        Index("ix_vouchers_of_call", "call_id", "created_at", "id"),
        Index("ix_vouchers_suspended", "region", postgresql_where="suspended_at IS NOT NULL AND state <> 'closed'"),
        Index("ix_vouchers_expiring", "region", "valid_until", postgresql_where="state = 'issued'"),
        Index("ix_vouchers_silent", "region", "issued_at", postgresql_where="state = 'issued' AND claimed_at IS NULL"),
        Index("ix_vouchers_overdue", "region", postgresql_where="overdue_since IS NOT NULL"),
        CheckConstraint(one_of("state", Stage), name="known_state"),
        CheckConstraint(one_of("outcome", VoucherOutcome), name="known_outcome"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_the_end"),
        # Stops an end without a stated outcome, and a release of money without a reason.
        CheckConstraint("state NOT IN ('closed', 'releasing') OR outcome IS NOT NULL", name="every_end_has_an_outcome"),
        CheckConstraint("state <> 'offered' OR answer_by IS NOT NULL", name="offers_end"),
        # Stops a voucher that cannot be redeemed (no code), or that never ends (no dates).
        CheckConstraint("state NOT IN ('issued', 'claiming') OR issued_at IS NOT NULL", name="usable_when_issued"),
        CheckConstraint("num_nulls(issued_at, code, valid_until, claim_window_until) IN (0, 4)", name="issued_in_full"),
        CheckConstraint("valid_until <= claim_window_until", name="claims_follow_validity"),
        # Stops an old entry that would blame payments while another party has to act.
        CheckConstraint(
            f"overdue_since IS NULL OR overdue_since >= state_since AND {one_of('state', AWAITS_PAYMENTS)}", name="overdue_while_awaited"
        ),
        # Stops an offer of money that is not reserved, and a voucher whose money is not committed.
        CheckConstraint("offered_at IS NULL OR reserved_at IS NOT NULL", name="offered_once_reserved"),
        CheckConstraint("issued_at IS NULL OR committed_at IS NOT NULL", name="issued_once_committed"),
        # Stops a voucher that is worth more than its envelope gave.
        CheckConstraint("value_minor BETWEEN 1 AND drawn_minor AND drawn_minor >= amount_minor", name="drawn_covers_value"),
        CheckConstraint("amount_minor > 0 AND redeemed_minor >= 0 AND extensions >= 0", name="amounts_not_negative"),
        fixed("id award_id application_id call_id region organisation_id scheme policy_id amount_minor currency terms created_at"),
    )

    id: UUID = Field(primary_key=True)
    award_id: UUID = Field(sa_column=Column(ForeignKey("awards.id"), nullable=False, unique=True))  # no award, no voucher
    application_id: UUID = Field(index=True)
    call_id: UUID
    region: str
    organisation_id: UUID = Field(index=True)
    scheme: str
    policy_id: str
    amount_minor: int = Field(sa_type=BigInteger)
    value_minor: int = Field(sa_type=BigInteger)
    drawn_minor: int = Field(sa_type=BigInteger)
    currency: str
    terms: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    state: str
    state_since: datetime = Field(sa_type=INSTANT)
    overdue_since: datetime | None = instant()
    outcome: str | None = None
    code: str | None = Field(default=None, unique=True)
    redeemed_minor: int = Field(default=0, sa_type=BigInteger)
    extensions: int = 0
    created_at: datetime = Field(sa_type=INSTANT)
    reserved_at: datetime | None = instant()
    refused_at: datetime | None = instant()
    refused_rule: str | None = None
    offered_at: datetime | None = instant()
    reminded_until: datetime | None = instant()
    answer_by: datetime | None = instant()
    answered_at: datetime | None = instant()
    agreement_hash: str | None = None
    committed_at: datetime | None = instant()
    released_at: datetime | None = instant()
    issued_at: datetime | None = instant()
    valid_until: datetime | None = instant()
    claim_window_until: datetime | None = instant()
    suspended_at: datetime | None = instant()
    claimed_at: datetime | None = instant()
    settled_at: datetime | None = instant()
    closed_at: datetime | None = instant()
    removed_at: datetime | None = instant()
    report_sent_at: datetime | None = instant()
    report_returned_at: datetime | None = instant()
    report_decided_at: datetime | None = instant()
    deposit_paid_at: datetime | None = instant()
    deposit_missed_at: datetime | None = instant()
    confirm_by: datetime | None = instant()

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def claimed(self) -> bool:
        return self.claimed_at is not None

    @property
    def until(self) -> datetime | None:
        """When its stage ends by time alone."""
        return end_of_stage(Stage(self.state), self.answer_by, self.valid_until, self.claim_window_until)

    @property
    def acts_next(self) -> str:
        return status_of(Stage(self.state), self.until, self.suspended, self.overdue_since).acts_next


guard_transitions(col(VoucherRow.state), TRANSITIONS)
about_subject(VoucherRow, subject="organisation_id")


class ExtensionRow(Table, table=True):
    """One extension, with the dates before it. The key stops the same extension from being counted twice."""

    __tablename__ = "extensions"
    __table_args__ = (CheckConstraint("valid_until > previous_valid_until", name="extensions_go_forward"), written_once())

    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), primary_key=True))
    number: int = Field(primary_key=True)
    previous_valid_until: datetime = Field(sa_type=INSTANT)
    previous_claim_window_until: datetime = Field(sa_type=INSTANT)
    valid_until: datetime = Field(sa_type=INSTANT)
    claim_window_until: datetime = Field(sa_type=INSTANT)
    extended_at: datetime = Field(sa_type=INSTANT)
    actor: str
    reason: str


class RedemptionRow(Table, table=True):
    """A payment on a voucher, by attempt. The key stops one payment from being added twice, `step` an older answer from standing again
    (`commands/record_payment.py`)."""

    __tablename__ = "redemptions"
    __table_args__ = written_once(but="returned step")

    disbursement_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), nullable=False, index=True))
    amount_minor: int = Field(sa_type=BigInteger)
    returned: bool = False
    step: int = 0
