"""Envelopes: the money of a call."""

from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.payments.tables.base import Table, minor


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
