"""What payments keeps of a voucher's life after the award: dates, suspension."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.rows import heard_voucher
from shared.contracts.vouchers import VoucherExtended, VoucherIssued, VoucherResumed, VoucherSuspended
from shared.kernel.errors import NotYet
from shared.messaging.cause import Cause


async def issue_voucher(session: AsyncSession, issued: VoucherIssued, cause: Cause) -> None:
    """From now on claims are taken."""
    voucher = await heard_voucher(session, issued.voucher_id)
    if voucher.state == "reserved":
        raise NotYet(voucher.id, "its acceptance has not come yet")
    if voucher.state == "committed":
        voucher.state, voucher.code = "issued", issued.code
        voucher.payment_mode, voucher.claims_until = issued.payment_mode, issued.claims_until


async def extend_voucher(session: AsyncSession, extended: VoucherExtended, cause: Cause) -> None:
    """Only ever to a later end."""
    voucher = await heard_voucher(session, extended.voucher_id)
    if voucher.claims_until is None:
        raise NotYet(voucher.id, "its issue has not come yet")
    voucher.claims_until = max(voucher.claims_until, extended.claims_until)


async def suspend_voucher(session: AsyncSession, suspended: VoucherSuspended, cause: Cause) -> None:
    await _hear(session, suspended.voucher_id, cause, suspended=True)


async def resume_voucher(session: AsyncSession, resumed: VoucherResumed, cause: Cause) -> None:
    await _hear(session, resumed.voucher_id, cause, suspended=False)


async def _hear(session: AsyncSession, voucher_id: UUID, cause: Cause, *, suspended: bool) -> None:
    """What happened later counts, not what is heard later."""
    voucher = await heard_voucher(session, voucher_id)
    if cause.follows(voucher.suspension_news_at):
        voucher.suspended, voucher.suspension_news_at = suspended, cause.happened_at
