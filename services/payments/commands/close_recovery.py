"""A recovery ends: the money has come back, or it is given up by a decision with a reason."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.ledger import Kind
from services.payments.locks import known_voucher, not_found
from services.payments.steps.events import about, tell
from services.payments.steps.ledger import move_money
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import AttemptRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import RecoverySettled, RecoveryWrittenOff
from shared.identity.permissions import Permission, authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict, Forbidden
from shared.messaging.context import Context

RETURNED_BY_BANK = "returned-by-bank"


async def settle_recovery(context: Context, recovery_id: UUID) -> RecoveryRow:
    """The envelope has it again."""
    voucher, recovery = await _open(context, Permission.ORDER_RECOVERY, recovery_id)
    if voucher.recovered_minor + recovery.amount_minor > voucher.paid_minor:
        raise Conflict("paid-no-more", "The payment came back by the bank since: close this by a write-off.")
    await move_money(context, voucher, Kind.RECOVERED, recovery.amount_minor, recovery.id)
    await _close(context, voucher, recovery, "settled", "money-came-back")
    return recovery


async def write_off_recovery(context: Context, recovery_id: UUID, reason: str) -> RecoveryRow:
    """Decided by another person than who ordered it."""
    voucher, recovery = await _open(context, Permission.WRITE_OFF, recovery_id)
    ordered = Forbidden("ordered-it", "You ordered this recovery, so another person has to write it off.")
    require_distinct(context.actor.id, {recovery.ordered_by}, ordered)
    await _close(context, voucher, recovery, "written-off", reason)
    return recovery


async def close_returned(context: Context, voucher: VoucherRow, attempt: AttemptRow) -> None:
    """The bank gave the payment back by itself: there is nothing to ask for, and the return has moved the money."""
    ordered = select(RecoveryRow).where(col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) == "ordered")
    for recovery in await context.session.scalars(ordered):
        await _close(context, voucher, recovery, "settled", RETURNED_BY_BANK)


async def is_recovered(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> bool:
    """A person has said that the payment came back, or so much of the voucher's money that the payment must be part of it."""
    if voucher.paid_minor - disbursement.amount_minor < voucher.recovered_minor:
        return True
    settled = select(col(RecoveryRow.id)).where(col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) == "settled")
    return await context.session.scalar(settled.limit(1)) is not None


async def _open(context: Context, permission: Permission, recovery_id: UUID) -> tuple[VoucherRow, RecoveryRow]:
    voucher_id = await context.session.scalar(select(col(RecoveryRow.voucher_id)).where(col(RecoveryRow.id) == recovery_id))
    if voucher_id is None:
        raise not_found("recovery")
    voucher = await known_voucher(context, voucher_id)
    recovery = await context.session.get_one(RecoveryRow, recovery_id, populate_existing=True)
    authorise(context.actor, permission, region=recovery.region)
    if recovery.state != "ordered":
        raise Conflict("already-closed", f"The recovery is {recovery.state}.")
    return voucher, recovery


async def _close(context: Context, voucher: VoucherRow, recovery: RecoveryRow, state: str, reason: str) -> None:
    recovery.state, recovery.closed_at, recovery.closing_reason = state, context.now, reason
    event = RecoverySettled if state == "settled" else RecoveryWrittenOff
    closed = event(**about(voucher), recovery_id=recovery.id, amount_minor=recovery.amount_minor, currency=recovery.currency)
    tell(context, voucher, closed, reason)
    await settle_if_run_out(context, voucher)
