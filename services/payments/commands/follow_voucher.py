"""What payments keeps of a voucher's life after the award: dates, suspension."""

from uuid import UUID

from services.payments.locks import heard_voucher
from shared.contracts.vouchers import VoucherExtended, VoucherIssued, VoucherResumed, VoucherSuspended
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def issue_voucher(context: Context, issued: VoucherIssued) -> None:
    """From now on claims are taken."""
    voucher = await heard_voucher(context, issued.voucher_id)
    if voucher.state == "reserved":
        raise NotYet(voucher.id, "its acceptance has not come yet")
    if voucher.state == "committed":
        voucher.state, voucher.code = "issued", issued.code
        voucher.payment_mode, voucher.claim_window_until = issued.payment_mode, issued.claim_window_until


async def extend_voucher(context: Context, extended: VoucherExtended) -> None:
    """Only ever to a later end."""
    voucher = await heard_voucher(context, extended.voucher_id)
    if voucher.claim_window_until is None:
        raise NotYet(voucher.id, "its issue has not come yet")
    voucher.claim_window_until = max(voucher.claim_window_until, extended.claim_window_until)


async def suspend_voucher(context: Context, suspended: VoucherSuspended) -> None:
    await _hear(context, suspended.voucher_id, suspended=True)


async def resume_voucher(context: Context, resumed: VoucherResumed) -> None:
    await _hear(context, resumed.voucher_id, suspended=False)


async def _hear(context: Context, voucher_id: UUID, *, suspended: bool) -> None:
    """What happened later counts, not what is heard later."""
    voucher = await heard_voucher(context, voucher_id)
    if context.is_newer_than(voucher.suspension_changed_at):
        voucher.suspended, voucher.suspension_changed_at = suspended, context.happened_at
