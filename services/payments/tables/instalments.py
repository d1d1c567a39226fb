"""What belongs to advances and balances, besides their claims."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey
from sqlmodel import Field

from services.payments.domain.instalments import BalanceOutcome
from services.payments.tables.base import Table, minor
from shared.database.base import INSTANT, one_of
from shared.database.privileges import written_once


class GuaranteeRow(Table, table=True):
    """The guarantee of a bank against which an advance was asked for. `reference` is the bank's number of it: no personal data."""

    __tablename__ = "guarantees"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="covers_something"), written_once())

    claim_id: UUID = Field(sa_column=Column(ForeignKey("claims.id"), primary_key=True))
    reference: str
    amount_minor: int = minor()
    valid_until: date


class BalanceRow(Table, table=True):
    """What became of the part of a voucher's claims that was kept. The key stops a second decision."""

    __tablename__ = "balances"
    __table_args__ = (CheckConstraint(one_of("outcome", BalanceOutcome), name="known_outcome"), written_once())

    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), primary_key=True))
    outcome: str
    decided_at: datetime = Field(sa_type=INSTANT)
