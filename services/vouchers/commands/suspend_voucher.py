"""An officer stops claims and approvals for a while, and lets them go on. The dates of the voucher do not move."""

from uuid import UUID

from services.vouchers.domain.actions import may_resume, may_suspend
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherResumed, VoucherSuspended
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def suspend_voucher(context: Context, voucher_id: UUID, *, reason: str) -> VoucherRow:
    """A second suspension does nothing. Raises `Conflict` not-usable."""
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    await take_part(context, Duty.MANAGE_VOUCHER, row.application_id, call_id=row.call_id)
    if may_suspend(facts_of(row)):
        row.suspended_at = context.now
        publish_voucher_event(context, row, VoucherSuspended, reason)
    return row


async def resume_voucher(context: Context, voucher_id: UUID, *, reason: str) -> VoucherRow:
    """Does nothing when the voucher is not suspended. Raises `Conflict` not-usable."""
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    await take_part(context, Duty.MANAGE_VOUCHER, row.application_id, call_id=row.call_id)
    if may_resume(facts_of(row)):
        row.suspended_at = None
        publish_voucher_event(context, row, VoucherResumed, reason)
    return row
