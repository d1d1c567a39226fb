"""Recoveries: paid money that is asked back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey
from sqlmodel import Field, col

from services.payments.domain.states import RECOVERY_TRANSITIONS
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import RecoveryState


class RecoveryRow(Table, table=True):
    """Paid money that is asked back; for a revoked voucher one for each disbursement that was paid.

    `reference` is what the debtor quotes, `bank_reference` the bank's own of the credit that settled it, `credit_line_id` its line.
    `reopened`: how often persons have undone that a credit settled it.
    """

    __tablename__ = "recoveries"
    __table_args__ = (
        CheckConstraint(one_of("state", RecoveryState), name="known_state"),
        CheckConstraint("amount_minor > 0", name="asks_for_something"),
        written_once(but="state closed_at closing_reason bank_reference credit_line_id reopened"),
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
    reference: str = Field(unique=True)
    bank_reference: str | None = Field(default=None, unique=True)
    credit_line_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("bank_lines.id"), unique=True))
    reopened: int = 0


guard_transitions(col(RecoveryRow.state), RECOVERY_TRANSITIONS)
