"""Envelopes: the money of a call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.payments.tables.base import Table, minor
from shared.database.base import instant
from shared.database.privileges import fixed


class EnvelopeRow(Table, table=True):
    """A call's money. The checks stop an overspent envelope, a total that was lowered twice, and money taken from an envelope that a
    second person has still to confirm.

    `opened_minor` is what the call was published with; top-ups and transfers change `amount_minor`. `published_by` published the call; None
    for envelopes from before it was kept. `opens_at` is None where the call was published before it was recorded. `series` and
    `round_number`: of a round of a rolling call.
    """

    __tablename__ = "envelopes"
    __table_args__ = (
        CheckConstraint("reserved_minor + committed_minor + paid_minor - recovered_minor <= amount_minor", name="never_overspent"),
        CheckConstraint("reserved_minor >= 0 AND committed_minor >= 0 AND paid_minor >= 0", name="totals_not_negative"),
        CheckConstraint("recovered_minor BETWEEN 0 AND paid_minor", name="recovered_was_paid"),
        CheckConstraint("NOT needs_confirmation OR confirmed_by IS NOT NULL OR reserved_minor = 0", name="confirmed_before_use"),
        CheckConstraint("confirmed_by <> published_by", name="confirmed_by_another_person"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_by_and_at"),
        Index("uq_envelopes_round", "region", "series", "round_number", unique=True, postgresql_where="series IS NOT NULL"),
        fixed("call_id region scheme policy_id currency opened_minor needs_confirmation published_by series round_number"),
    )

    call_id: UUID = Field(primary_key=True)
    region: str = Field(index=True)
    scheme: str
    slug: str
    policy_id: str
    currency: str
    opens_at: datetime | None = instant()
    opened_minor: int = minor()
    amount_minor: int = minor()
    reserved_minor: int = minor(0)
    committed_minor: int = minor(0)
    paid_minor: int = minor(0)
    recovered_minor: int = minor(0)

    series: str | None = None
    round_number: int | None = None
    needs_confirmation: bool = False
    published_by: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = instant()

    @property
    def awaits_confirmation(self) -> bool:
        return self.needs_confirmation and self.confirmed_by is None

    @property
    def available_minor(self) -> int:
        return self.amount_minor - self.reserved_minor - self.committed_minor - self.paid_minor + self.recovered_minor
