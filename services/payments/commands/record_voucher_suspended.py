"""VoucherSuspended and VoucherResumed: while a voucher is suspended, claims, decisions, approvals and payments wait."""

from services.payments.locks import lock_reported_voucher
from shared.contracts.vouchers import VoucherResumed, VoucherSuspended
from shared.messaging.context import Context


async def record_voucher_suspended(context: Context, suspended: VoucherSuspended) -> None:
    await _record(context, suspended, suspended=True)


async def record_voucher_resumed(context: Context, resumed: VoucherResumed) -> None:
    await _record(context, resumed, suspended=False)


async def _record(context: Context, event: VoucherSuspended | VoucherResumed, *, suspended: bool) -> None:
    """The event that happened later counts, in whatever order they arrive."""
    voucher = await lock_reported_voucher(context, event)
    if context.is_newer_than(voucher.suspension_changed_at):
        voucher.suspended, voucher.suspension_changed_at = suspended, context.happened_at
