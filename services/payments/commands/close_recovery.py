"""A recovery ends: the money has come back, or it is given up by a decision with a reason."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.about import about, tell
from services.payments.commands.move_money import move_money
from services.payments.commands.rows import known_voucher, not_found
from services.payments.commands.settle_voucher import settle_if_run_out
from services.payments.domain.ledger import Kind
from services.payments.tables import AttemptRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import RecoverySettled, RecoveryWrittenOff
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause

RETURNED_BY_BANK = "returned-by-bank"


async def settle_recovery(session: AsyncSession, cause: Cause, actor: Actor, recovery_id: UUID) -> RecoveryRow:
    """The envelope has it again."""
    voucher, recovery = await _open(session, actor, Permission.ORDER_RECOVERY, recovery_id)
    if voucher.recovered_minor + recovery.amount_minor > voucher.paid_minor:
        raise Conflict("paid-no-more", "The payment came back by the bank since: close this by a write-off.")
    await move_money(session, cause, voucher, Kind.RECOVERED, recovery.amount_minor, recovery.id)
    await _close(session, cause, voucher, recovery, "settled", "money-came-back")
    return recovery


async def write_off_recovery(session: AsyncSession, cause: Cause, actor: Actor, recovery_id: UUID, reason: str) -> RecoveryRow:
    """Decided by another person than who ordered it."""
    voucher, recovery = await _open(session, actor, Permission.WRITE_OFF, recovery_id)
    require_distinct(actor.id, {recovery.ordered_by}, "ordered-it")
    await _close(session, cause, voucher, recovery, "written-off", reason)
    return recovery


async def close_returned(session: AsyncSession, cause: Cause, voucher: VoucherRow, attempt: AttemptRow) -> None:
    """The bank gave the payment back by itself: there is nothing to ask for, and the return has moved the money."""
    ordered = select(RecoveryRow).where(col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) == "ordered")
    for recovery in await session.scalars(ordered):
        await _close(session, cause, voucher, recovery, "settled", RETURNED_BY_BANK)


async def is_recovered(session: AsyncSession, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> bool:
    """A person has said that the payment came back, or so much of the voucher's money that the payment must be part of it."""
    if voucher.paid_minor - disbursement.amount_minor < voucher.recovered_minor:
        return True
    settled = select(col(RecoveryRow.id)).where(col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) == "settled")
    return await session.scalar(settled.limit(1)) is not None


async def _open(session: AsyncSession, actor: Actor, permission: Permission, recovery_id: UUID) -> tuple[VoucherRow, RecoveryRow]:
    voucher_id = await session.scalar(select(col(RecoveryRow.voucher_id)).where(col(RecoveryRow.id) == recovery_id))
    if voucher_id is None:
        raise not_found("recovery")
    voucher = await known_voucher(session, voucher_id)
    recovery = await session.get_one(RecoveryRow, recovery_id, populate_existing=True)
    authorise(actor, permission, region=recovery.region)
    if recovery.state != "ordered":
        raise Conflict("already-closed", f"The recovery is {recovery.state}.")
    return voucher, recovery


async def _close(session: AsyncSession, cause: Cause, voucher: VoucherRow, recovery: RecoveryRow, state: str, reason: str) -> None:
    recovery.state, recovery.closed_at, recovery.closing_reason = state, cause.now, reason
    event = RecoverySettled if state == "settled" else RecoveryWrittenOff
    closed = event(**about(voucher), recovery_id=recovery.id, amount_minor=recovery.amount_minor, currency=recovery.currency)
    tell(session, cause, voucher, closed, reason)
    await settle_if_run_out(session, cause, voucher)
