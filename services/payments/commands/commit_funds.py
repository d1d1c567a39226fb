"""VoucherAccepted: an accepted offer binds, so the reservation becomes a commitment."""

from services.payments.domain.ledger import EntryKind
from services.payments.domain.states import MoneyState
from services.payments.locks import lock_reported_voucher
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.ledger import move_money
from shared.contracts.payments import FundsCommitted
from shared.contracts.vouchers import VoucherAccepted
from shared.messaging.context import Context


async def commit_funds(context: Context, accepted: VoucherAccepted) -> None:
    """Once: in any state but reserved it was done before, or the money is released."""
    voucher = await lock_reported_voucher(context, accepted)
    if voucher.state != MoneyState.RESERVED:
        return
    amount_minor = voucher.reserved_minor
    await move_money(context, voucher, EntryKind.COMMITTED, amount_minor, voucher.id)
    voucher.state = MoneyState.COMMITTED
    committed = FundsCommitted(**voucher_fields(voucher), amount_minor=amount_minor, currency=voucher.currency)
    publish_voucher_event(context, voucher, committed, "voucher-accepted")
