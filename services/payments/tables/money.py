"""Envelopes and vouchers as running totals, the ledger, claims, payees, disbursements, recoveries."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.payments.tables.base import Table, instant, minor, refers
from shared.database.base import INSTANT

IN_FORCE = "state IN ('prepared', 'approved', 'sealed', 'sent', 'accepted', 'unknown', 'paid')"
"""The attempts of which a disbursement may have only one: it is on its way, or the money has gone and has not come back."""


class EnvelopeRow(Table, table=True):
    """A call's money. The checks stop an overspent envelope and a total that was lowered twice."""

    __tablename__ = "envelopes"
    __table_args__ = (
        CheckConstraint("reserved_minor + committed_minor + paid_minor - recovered_minor <= amount_minor", name="never_overspent"),
        CheckConstraint("reserved_minor >= 0 AND committed_minor >= 0 AND paid_minor >= 0", name="totals_not_negative"),
        CheckConstraint("recovered_minor BETWEEN 0 AND paid_minor", name="recovered_was_paid"),
    )

    call_id: UUID = Field(primary_key=True)
    region: str = Field(index=True)
    scheme: str
    slug: str
    policy_id: str
    currency: str
    amount_minor: int = minor()
    reserved_minor: int = minor(0)
    committed_minor: int = minor(0)
    paid_minor: int = minor(0)
    recovered_minor: int = minor(0)

    @property
    def available_minor(self) -> int:
        return self.amount_minor - self.reserved_minor - self.committed_minor - self.paid_minor + self.recovered_minor


class VoucherRow(Table, table=True):
    """What payments knows of a voucher, with its share of the envelope. The checks stop claims and payments above its value.

    `state`: refused, reserved, committed, released, issued, settled. `closure_reason` says why no more claims are taken. `released_minor`
    counts what went back to the envelope, `claimed_minor` what is asked for or granted.
    """

    __tablename__ = "vouchers"
    __table_args__ = (
        CheckConstraint("state IN ('refused', 'reserved', 'committed', 'released', 'issued', 'settled')", name="known_state"),
        CheckConstraint("closure_reason IN ('claim-window-ended', 'withdrawn', 'revoked')", name="known_closure_reason"),
        CheckConstraint("reserved_minor + committed_minor + paid_minor + released_minor <= amount_minor", name="within_value"),
        CheckConstraint("reserved_minor >= 0 AND committed_minor >= 0 AND paid_minor >= 0 AND released_minor >= 0", name="not_negative"),
        CheckConstraint("recovered_minor BETWEEN 0 AND paid_minor", name="recovered_was_paid"),
        CheckConstraint("claimed_minor BETWEEN 0 AND amount_minor", name="claims_within_value"),
        CheckConstraint("state NOT IN ('issued', 'settled') OR claim_window_until IS NOT NULL", name="issued_with_dates"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(index=True)
    call_id: UUID = refers("envelopes.call_id")
    region: str = Field(index=True)
    organisation_id: UUID
    policy_id: str
    currency: str
    state: str
    amount_minor: int = minor()
    reserved_minor: int = minor(0)
    committed_minor: int = minor(0)
    paid_minor: int = minor(0)
    recovered_minor: int = minor(0)
    released_minor: int = minor(0)
    claimed_minor: int = minor(0)
    code: str | None = None
    payment_mode: str | None = None
    claim_window_until: datetime | None = instant()
    suspended: bool = False
    suspension_changed_at: datetime | None = instant()
    closure_reason: str | None = None


class LedgerAccountRow(Table, table=True):
    """One of a call's six accounts: funding, available, reserved, committed, paid, recovered."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("call_id", "name", name="one_account_per_name"),
        CheckConstraint("name IN ('funding', 'available', 'reserved', 'committed', 'paid', 'recovered')", name="known_account"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = refers("envelopes.call_id", index=False)
    name: str
    currency: str


class LedgerEntryRow(Table, table=True):
    """One movement. Its id is derived from what moved, so that the same movement cannot be written twice."""

    __tablename__ = "ledger_entries"
    __table_args__ = (Index("ix_ledger_entries_call", "call_id", "position"),)

    id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True))
    call_id: UUID = refers("envelopes.call_id", index=False)
    voucher_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("vouchers.id"), index=True))
    kind: str
    at: datetime = Field(sa_type=INSTANT)


class LedgerPostingRow(Table, table=True):
    """One side of an entry. The migration adds what a column cannot say: an entry's postings add up to zero, none ever changes."""

    __tablename__ = "ledger_postings"
    __table_args__ = (CheckConstraint("amount_minor <> 0", name="moves_something"),)

    entry_id: UUID = Field(sa_column=Column(ForeignKey("ledger_entries.id"), primary_key=True))
    account_id: UUID = Field(sa_column=Column(ForeignKey("ledger_accounts.id"), primary_key=True, index=True))
    amount_minor: int = minor()


class PayeeRow(Table, table=True):
    """Who is paid. `account_set_by` registered or changed the account in use; `cooling_off_until` is the end of the cooling-off."""

    __tablename__ = "payees"
    __table_args__ = (
        Index("ix_payees_list", "region", "account_set_at", "id"),
        CheckConstraint("kind IN ('beneficiary', 'provider')", name="known_kind"),
        CheckConstraint("kind = 'provider' OR organisation_id IS NOT NULL", name="beneficiary_is_an_organisation"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    region: str
    organisation_id: UUID | None = Field(default=None, index=True)
    name: str
    account_number: str
    address: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    account_version: int = 1
    account_set_by: str
    account_set_at: datetime = Field(sa_type=INSTANT)
    cooling_off_until: datetime | None = instant()


class PayeeAccountRow(Table, table=True):
    """Every account a payee ever had: an approval names the version that it approved."""

    __tablename__ = "payee_accounts"

    payee_id: UUID = Field(sa_column=Column(ForeignKey("payees.id"), primary_key=True))
    version: int = Field(primary_key=True)
    name: str
    account_number: str
    set_by: str
    set_at: datetime = Field(sa_type=INSTANT)


class ClaimRow(Table, table=True):
    """A request for payment. The checks stop a grant above the request, and an acceptance of nothing."""

    __tablename__ = "claims"
    __table_args__ = (
        Index("ix_claims_list", "region", "lodged_at", "id"),
        CheckConstraint("state IN ('lodged', 'accepted', 'rejected')", name="known_state"),
        CheckConstraint("requested_minor BETWEEN 1 AND eligible_minor", name="requested_is_eligible"),
        CheckConstraint("granted_minor BETWEEN 1 AND requested_minor", name="granted_was_requested"),
        CheckConstraint("state <> 'accepted' OR (granted_minor IS NOT NULL AND pay_by IS NOT NULL)", name="accepted_says_how_much"),
    )

    id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id")
    organisation_id: UUID = Field(index=True)
    region: str
    call_id: UUID = Field(index=True)
    payee_id: UUID = refers("payees.id")
    state: str
    eligible_minor: int = minor()
    requested_minor: int = minor()
    granted_minor: int | None = Field(default=None, sa_type=BigInteger)
    lodged_at: datetime = Field(sa_type=INSTANT)
    check_by: datetime = Field(sa_type=INSTANT)
    overdue: bool = False
    decided_at: datetime | None = instant()
    decided_by: str | None = None
    pay_by: datetime | None = instant()
    rules: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    note: str | None = None


class EvidenceRow(Table, table=True):
    """A document that a claim rests on, by hash. While its claim is not rejected (`live`), no other claim may use it."""

    __tablename__ = "claim_evidence"
    __table_args__ = (Index("one_claim_per_document", "sha256", unique=True, postgresql_where=text("live")),)

    claim_id: UUID = Field(sa_column=Column(ForeignKey("claims.id"), primary_key=True))
    number: int = Field(primary_key=True)
    kind: str
    reference: str
    sha256: str
    issued_on: date
    amount_minor: int = minor()
    live: bool = True


class DisbursementRow(Table, table=True):
    """The payment of one accepted claim, one id for life. `state` and `attempt` are those of the latest attempt."""

    __tablename__ = "disbursements"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="pays_something"),
        Index("ix_disbursements_list", "region", "prepared_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(sa_column=Column(ForeignKey("claims.id"), nullable=False, unique=True))
    voucher_id: UUID = refers("vouchers.id")
    region: str
    call_id: UUID = Field(index=True)
    currency: str
    amount_minor: int = minor()
    state: str = Field(index=True)
    attempt: int = 1
    prepared_at: datetime = Field(sa_type=INSTANT)


class AttemptRow(Table, table=True):
    """One try to pay a disbursement. The partial index stops a second payment while one is on its way or stands."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("disbursement_id", "number", name="numbered_once"),
        Index("one_attempt_in_force", "disbursement_id", unique=True, postgresql_where=text(IN_FORCE)),
        CheckConstraint("approvals BETWEEN 0 AND approvals_needed", name="approvals_counted"),
        CheckConstraint("(state IN ('prepared', 'approved', 'cancelled')) OR batch_id IS NOT NULL", name="sent_in_a_batch"),
    )

    id: UUID = Field(primary_key=True)
    disbursement_id: UUID = refers("disbursements.id")
    number: int
    state: str = Field(index=True)
    payee_id: UUID = refers("payees.id")
    account_version: int
    prepared_by: str
    approvals: int = 0
    approvals_needed: int
    batch_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("batches.id"), index=True))
    bank_reason: str | None = None
    bank_reference: str | None = None
    paid_on: date | None = None
    returned_on: date | None = None
    enquired_at: datetime | None = instant()
    enquired_by: str | None = None


class ApprovalRow(Table, table=True):
    """One person's yes to one attempt on one version of the account: the key stops the same person from counting twice."""

    __tablename__ = "approvals"

    attempt_id: UUID = Field(sa_column=Column(ForeignKey("attempts.id"), primary_key=True))
    account_version: int = Field(primary_key=True)
    approver: str = Field(primary_key=True)
    at: datetime = Field(sa_type=INSTANT)


class RecoveryRow(Table, table=True):
    """Paid money that is asked back; for a revoked voucher one for each disbursement that was paid."""

    __tablename__ = "recoveries"
    __table_args__ = (
        CheckConstraint("state IN ('ordered', 'settled', 'written-off')", name="known_state"),
        CheckConstraint("amount_minor > 0", name="asks_for_something"),
    )

    id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id")
    attempt_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("attempts.id"), index=True))
    region: str = Field(index=True)
    currency: str
    amount_minor: int = minor()
    reason: str
    state: str
    ordered_by: str
    ordered_at: datetime = Field(sa_type=INSTANT)
    closed_at: datetime | None = instant()
    closing_reason: str | None = None
