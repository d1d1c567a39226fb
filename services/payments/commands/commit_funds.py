"""An accepted offer binds: the reservation becomes a commitment."""

from services.payments.domain.ledger import Kind
from services.payments.locks import heard_voucher
from services.payments.steps.events import about, tell
from services.payments.steps.ledger import move_money
from shared.contracts.payments import FundsCommitted
from shared.contracts.vouchers import VoucherAccepted
from shared.messaging.context import Context


async def commit_funds(context: Context, accepted: VoucherAccepted) -> None:
    """Only a reservation can be committed; any other state has been told before."""
    voucher = await heard_voucher(context, accepted.voucher_id)
    if voucher.state != "reserved":
        return
    amount_minor = voucher.reserved_minor
    await move_money(context, voucher, Kind.COMMITTED, amount_minor, voucher.id)
    voucher.state = "committed"
    committed = FundsCommitted(**about(voucher), amount_minor=amount_minor, currency=voucher.currency)
    tell(context, voucher, committed, "voucher-accepted")
