"""Calls that give no money."""

from uuid import UUID

from sqlmodel import Field

from services.payments.tables.base import Table
from shared.database.privileges import written_once


class CallWithoutMoneyRow(Table, table=True):
    """A call whose policy has `[benefit]` or `[expression]`: it has no envelope; of its vouchers only their aid is kept here."""

    __tablename__ = "calls_without_money"
    __table_args__ = (written_once(),)

    call_id: UUID = Field(primary_key=True)
    region: str
    policy_id: str
