"""VoucherValueChanged and VoucherValueRefused: payments has booked another amount that an officer granted, or cannot."""

from services.vouchers.domain.changes import ChangeState
from services.vouchers.locks import lock_reported_voucher
from services.vouchers.tables import ChangeRow, VoucherRow
from shared.contracts.binding import require_equal
from shared.contracts.payments import VoucherValueChanged, VoucherValueRefused
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context


async def record_value_changed(context: Context, event: VoucherValueChanged) -> None:
    """Once. From now on the voucher is worth it; the amount before is kept."""
    voucher, change = await _asked(context, event)
    require_equal(event, "amount_minor", event.amount_minor, change.amount_minor)
    if change.state != ChangeState.APPROVED:
        return
    change.state, change.in_force_at, change.previous_minor = ChangeState.GRANTED, context.happened_at, event.previous_minor
    voucher.value_minor = event.amount_minor


async def record_value_refused(context: Context, event: VoucherValueRefused) -> None:
    """Once. The voucher stays worth what it was; the request is refused with the rule and its bound."""
    voucher, change = await _asked(context, event)
    if change.state != ChangeState.APPROVED:
        return
    change.state, change.refused_rule, change.limit_minor = ChangeState.REFUSED, event.rule, event.limit_minor
    voucher.drawn_minor -= max(0, (change.amount_minor or 0) - voucher.value_minor)


async def _asked(context: Context, event: VoucherValueChanged | VoucherValueRefused) -> tuple[VoucherRow, ChangeRow]:
    """`NotYet` when the voucher is not known; `Contradiction` for an answer to what nobody granted."""
    voucher = await lock_reported_voucher(context, event)
    change = await context.session.get(ChangeRow, event.change_id)
    if change is None or change.voucher_id != voucher.id or change.state == ChangeState.OPEN:
        raise Contradiction(f"{event.type}: change {event.change_id} of voucher {voucher.id} was not granted")
    return voucher, change
