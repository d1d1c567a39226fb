"""An officer stops claims and approvals for a while; the calendar runs on."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.common import facts, locked, tell
from services.vouchers.domain.actions import may_resume, may_suspend
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherResumed, VoucherSuspended
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.messaging.cause import Cause


async def suspend_voucher(session: AsyncSession, cause: Cause, actor: Actor, voucher_id: UUID, reason: str) -> VoucherRow:
    row = await locked(session, voucher_id)
    authorise(actor, Permission.MANAGE_VOUCHER, region=row.region)
    if may_suspend(facts(row)):
        row.suspended_at = cause.now
        tell(session, cause, row, VoucherSuspended, reason)
    return row


async def resume_voucher(session: AsyncSession, cause: Cause, actor: Actor, voucher_id: UUID, reason: str) -> VoucherRow:
    row = await locked(session, voucher_id)
    authorise(actor, Permission.MANAGE_VOUCHER, region=row.region)
    if may_resume(facts(row)):
        row.suspended_at = None
        tell(session, cause, row, VoucherResumed, reason)
    return row
