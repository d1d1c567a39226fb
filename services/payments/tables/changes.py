"""What officers have granted to change on a voucher, as payments keeps it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from services.payments.domain.value_changes import ValueRule
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, one_of
from shared.database.privileges import written_once


class ValueChangeRow(Table, table=True):
    """The answer to another amount: booked, or refused by `rule` with the bound. The key stops one from being booked twice."""

    __tablename__ = "value_changes"
    __table_args__ = (
        CheckConstraint(one_of("rule", ValueRule), name="known_rule"),
        CheckConstraint("(rule IS NULL) = (limit_minor IS NULL)", name="refused_with_its_bound"),
        CheckConstraint("wanted_minor > 0", name="worth_something"),
        written_once(),
    )

    change_id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id")
    previous_minor: int = minor()
    wanted_minor: int = minor()
    rule: str | None = None
    limit_minor: int | None = Field(default=None, sa_type=BigInteger)
    answered_at: datetime = Field(sa_type=INSTANT)


class ProviderChangeRow(Table, table=True):
    """Invoices of the day `since`, and later ones, are of this provider: the keyed hash of its tax number."""

    __tablename__ = "provider_changes"
    __table_args__ = written_once()

    change_id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id")
    provider_hash: str
    since: date
    granted_at: datetime = Field(sa_type=INSTANT)
