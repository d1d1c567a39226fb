"""Expenditure as it was reported to the controller, in EUR at a rate that is frozen with its id."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey
from sqlmodel import Field

from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class RateRow(Table, table=True):
    """How many units of the currency one euro is in a month. `per_euro` is a decimal number as text. `day` is that of the ECB's rate from
    which it is derived; `derived`: it is not read from the Commission's publication."""

    __tablename__ = "rates"
    __table_args__ = (written_once(),)

    id: str = Field(primary_key=True)
    currency: str
    month: date
    day: date
    per_euro: str
    derived: bool


class ExpenditureReportRow(Table, table=True):
    """A region's list of expenditure as it went to the controller: what was paid by then and is in no earlier one."""

    __tablename__ = "expenditure_reports"
    __table_args__ = (written_once(),)

    id: UUID = Field(primary_key=True)
    region: str = Field(index=True)
    rate_id: str = Field(sa_column=Column(ForeignKey("rates.id"), nullable=False))
    made_by: str
    made_at: datetime = Field(sa_type=INSTANT)


class ReportedPaymentRow(Table, table=True):
    """A payment in a report. The key stops one from being reported twice."""

    __tablename__ = "reported_payments"
    __table_args__ = (CheckConstraint("paid_minor > 0 AND eligible_minor >= paid_minor", name="eligible_covers_paid"), written_once())

    attempt_id: UUID = Field(sa_column=Column(ForeignKey("attempts.id"), primary_key=True))
    report_id: UUID = refers("expenditure_reports.id")
    voucher_id: UUID = refers("vouchers.id")
    currency: str
    eligible_minor: int = minor()
    paid_minor: int = minor()
    eligible_eur_minor: int = minor()
    paid_eur_minor: int = minor()
