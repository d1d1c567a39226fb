"""An accepted offer binds: the reservation becomes a commitment."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.about import about, tell
from services.payments.commands.move_money import move_money
from services.payments.commands.rows import heard_voucher
from services.payments.domain.ledger import Kind
from shared.contracts.payments import FundsCommitted
from shared.contracts.vouchers import VoucherAccepted
from shared.messaging.cause import Cause


async def commit_funds(session: AsyncSession, accepted: VoucherAccepted, cause: Cause) -> None:
    """Only a reservation can be committed; any other state has been told before."""
    voucher = await heard_voucher(session, accepted.voucher_id)
    if voucher.state != "reserved":
        return
    amount_minor = voucher.reserved_minor
    await move_money(session, cause, voucher, Kind.COMMITTED, amount_minor, voucher.id)
    voucher.state = "committed"
    committed = FundsCommitted(**about(voucher), amount_minor=amount_minor, currency=voucher.currency)
    tell(session, cause, voucher, committed, "voucher-accepted")
