"""An officer stops claims and approvals for a while; the calendar runs on."""

from uuid import UUID

from services.vouchers.domain.actions import may_resume, may_suspend
from services.vouchers.steps.voucher import facts, locked, tell
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherResumed, VoucherSuspended
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def suspend_voucher(context: Context, voucher_id: UUID, reason: str) -> VoucherRow:
    row = await locked(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    if may_suspend(facts(row)):
        row.suspended_at = context.now
        tell(context, row, VoucherSuspended, reason)
    return row


async def resume_voucher(context: Context, voucher_id: UUID, reason: str) -> VoucherRow:
    row = await locked(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    if may_resume(facts(row)):
        row.suspended_at = None
        tell(context, row, VoucherResumed, reason)
    return row
