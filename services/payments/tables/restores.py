"""Tables that a restore fills: orders in payment files that the database does not know, and holds on payments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant
from shared.database.privileges import written_once


class OrphanOrderRow(Table, table=True):
    """A transfer that a payment file orders and that the restored database did not know: the money may be paid, so it is never
    ordered again. `voucher_code` as the file has it (transliterated); `matched_at` is when it was matched to an approved attempt.
    The key stops one order from being imported or matched twice. `number` of the attempt: None where the file does not say it.
    """

    __tablename__ = "orphan_orders"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="pays_something"),
        Index("ix_orphan_orders_unmatched", "voucher_code", postgresql_where=text("matched_at IS NULL")),
        written_once(but="matched_at"),
    )

    attempt_id: UUID = Field(primary_key=True)
    disbursement_id: UUID
    batch_id: UUID = refers("batches.id")
    voucher_code: str
    amount_minor: int = minor()
    currency: str
    matched_at: datetime | None = instant()
    number: int | None = None


class HoldRow(Table, table=True):
    """While a hold is not lifted nothing is sealed or sent. `assurance` is the ground that the person gave who lifted it."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("num_nulls(lifted_at, lifted_by, assurance) IN (0, 3)", name="lifted_with_assurance"),
        written_once(but="lifted_at lifted_by assurance"),
    )

    since: datetime = Field(sa_type=INSTANT, primary_key=True)
    reason: str
    lifted_at: datetime | None = instant()
    lifted_by: str | None = None
    assurance: str | None = None
