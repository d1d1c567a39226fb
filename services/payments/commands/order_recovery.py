"""Money that was paid is asked back."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.settlement import largest_recovery
from services.payments.locks import known_voucher
from services.payments.steps.events import about, tell
from services.payments.tables import AttemptRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import RecoveryOrdered
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.ids import derive_id, new_id
from shared.messaging.context import Context


async def order_recovery(context: Context, voucher_id: UUID, amount_minor: int, reason: str) -> RecoveryRow:
    """For an irregularity, also after the voucher was settled."""
    voucher = await known_voucher(context, voucher_id)
    authorise(context.actor, Permission.ORDER_RECOVERY, region=voucher.region)
    most = await _largest(context, voucher)
    if amount_minor > most:
        raise Refused(
            "above-paid", "More cannot be asked back than was paid and not asked back yet.", field="amount_minor", most_minor=most
        )
    return _order(context, voucher, new_id(), amount_minor, reason)


async def recover_payment(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> None:
    """For a revoked voucher: what this attempt paid, as far as it is not asked back already."""
    amount_minor = min(disbursement.amount_minor, await _largest(context, voucher))
    recovery_id = derive_id(attempt.id, "recovery")
    if amount_minor and await context.session.get(RecoveryRow, recovery_id) is None:
        _order(context, voucher, recovery_id, amount_minor, "voucher-revoked").attempt_id = attempt.id
        await context.session.flush()


def _order(context: Context, voucher: VoucherRow, recovery_id: UUID, amount_minor: int, reason: str) -> RecoveryRow:
    recovery = RecoveryRow(
        id=recovery_id, voucher_id=voucher.id, region=voucher.region, currency=voucher.currency, amount_minor=amount_minor,
        reason=reason, state="ordered", ordered_by=context.actor.id, ordered_at=context.now,
    )  # fmt: skip
    context.session.add(recovery)
    ordered = RecoveryOrdered(**about(voucher), recovery_id=recovery_id, amount_minor=amount_minor, currency=voucher.currency)
    tell(context, voucher, ordered, reason)
    return recovery


async def _largest(context: Context, voucher: VoucherRow) -> int:
    """A recovery of a payment that the bank has returned no longer counts, however it ended: `paid` has gone down by it."""
    asked_back = (
        select(col(RecoveryRow.amount_minor))
        .outerjoin(AttemptRow, col(AttemptRow.id) == col(RecoveryRow.attempt_id))
        .where(col(RecoveryRow.voucher_id) == voucher.id, col(AttemptRow.returned_on).is_(None))
    )
    return largest_recovery(voucher.paid_minor, list(await context.session.scalars(asked_back)))
