"""Vouchers from before there was a ledger of aid."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import MoneyState
from services.payments.tables import AidEntryRow, VoucherRow
from shared.messaging.context import Context


async def without_aid(context: Context, most: int) -> list[UUID]:
    """Vouchers that hold or held money and have no entry of aid, `most` of them."""
    entered = select(col(AidEntryRow.voucher_id)).where(col(AidEntryRow.voucher_id) == col(VoucherRow.id)).exists()
    query = select(col(VoucherRow.id)).where(~entered, col(VoucherRow.state) != MoneyState.REFUSED)
    return list(await context.session.scalars(query.order_by(col(VoucherRow.id)).limit(most)))
