"""Own shares that are paid in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey
from sqlmodel import Field, col

from services.payments.domain.deposits import DEPOSIT_TRANSITIONS, DepositState
from services.payments.tables.base import Table, minor
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions


class DepositRow(Table, table=True):
    """The own share of one voucher. `reference` is what who pays quotes, `credit_line_id` the line of the bank that brought it.
    `used_minor` has paid providers, `left_minor` has gone to what has to be sent back. The checks stop more going out than came in."""

    __tablename__ = "deposits"
    __table_args__ = (
        CheckConstraint(one_of("state", DepositState), name="known_state"),
        CheckConstraint("amount_minor > 0", name="asks_for_something"),
        CheckConstraint("used_minor >= 0 AND left_minor >= 0 AND used_minor + left_minor <= amount_minor", name="out_is_not_above_in"),
        CheckConstraint("(state IN ('paid', 'closed')) = (credit_line_id IS NOT NULL)", name="paid_by_a_line"),
        fixed("voucher_id region currency amount_minor due_at reference"),
    )

    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), primary_key=True))
    region: str
    currency: str
    amount_minor: int = minor()
    due_at: datetime = Field(sa_type=INSTANT)
    reference: str = Field(unique=True)
    state: str = DepositState.AWAITED
    paid_on: date | None = None
    credit_line_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("bank_lines.id"), unique=True))
    used_minor: int = minor(0)
    left_minor: int = minor(0)


guard_transitions(col(DepositRow.state), DEPOSIT_TRANSITIONS)
