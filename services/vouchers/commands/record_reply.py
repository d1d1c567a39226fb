"""Payments has replied about the money of a voucher."""

from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_reported_voucher
from services.vouchers.tables import VoucherRow
from shared.contracts.binding import require_amount
from shared.contracts.payments import FundsCommitted, FundsReleased, FundsReservationRefused, FundsReserved
from shared.messaging.context import Context

Reply = FundsReserved | FundsReservationRefused | FundsCommitted | FundsReleased


async def record_reply(context: Context, event: Reply) -> None:
    """The first of each kind stays. The lifecycle goes on by it. `NotYet` when the voucher is not known yet; `Contradiction` for another
    amount than the voucher's."""
    row = await lock_reported_voucher(context, event)
    whole = not isinstance(event, FundsReleased)  # after the issue, what is left is released in parts
    require_amount(event, "amount_minor", event.amount_minor, least=row.amount_minor if whole else 0, most=row.amount_minor)
    _record(context, row, event)


def _record(context: Context, row: VoucherRow, event: Reply) -> None:
    match event:
        case FundsReserved():
            row.reserved_at = row.reserved_at or context.happened_at
        case FundsReservationRefused():
            row.refused_at = row.refused_at or context.happened_at
        case FundsCommitted():
            row.committed_at = row.committed_at or context.happened_at
        case FundsReleased() if row.state == Stage.RELEASING:
            row.released_at = row.released_at or context.happened_at
