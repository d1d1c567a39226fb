"""Money that was paid is asked back."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.about import about, tell
from services.payments.commands.rows import known_voucher
from services.payments.domain.settlement import largest_recovery
from services.payments.tables import AttemptRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import RecoveryOrdered
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.ids import derive_id, new_id
from shared.messaging.cause import Cause


async def order_recovery(
    session: AsyncSession, cause: Cause, actor: Actor, voucher_id: UUID, amount_minor: int, reason: str
) -> RecoveryRow:
    """For an irregularity, also after the voucher was settled."""
    voucher = await known_voucher(session, voucher_id)
    authorise(actor, Permission.ORDER_RECOVERY, region=voucher.region)
    most = await _largest(session, voucher)
    if amount_minor > most:
        raise Refused(
            "above-paid", "More cannot be asked back than was paid and not asked back yet.", field="amount_minor", most_minor=most
        )
    return _order(session, cause, voucher, new_id(), amount_minor, reason)


async def recover_payment(
    session: AsyncSession, cause: Cause, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow
) -> None:
    """For a revoked voucher: what this attempt paid, as far as it is not asked back already."""
    amount_minor = min(disbursement.amount_minor, await _largest(session, voucher))
    recovery_id = derive_id(attempt.id, "recovery")
    if amount_minor and await session.get(RecoveryRow, recovery_id) is None:
        _order(session, cause, voucher, recovery_id, amount_minor, "voucher-revoked").attempt_id = attempt.id
        await session.flush()


def _order(session: AsyncSession, cause: Cause, voucher: VoucherRow, recovery_id: UUID, amount_minor: int, reason: str) -> RecoveryRow:
    recovery = RecoveryRow(
        id=recovery_id, voucher_id=voucher.id, region=voucher.region, currency=voucher.currency, amount_minor=amount_minor,
        reason=reason, state="ordered", ordered_by=cause.actor, ordered_at=cause.now,
    )  # fmt: skip
    session.add(recovery)
    ordered = RecoveryOrdered(**about(voucher), recovery_id=recovery_id, amount_minor=amount_minor, currency=voucher.currency)
    tell(session, cause, voucher, ordered, reason)
    return recovery


async def _largest(session: AsyncSession, voucher: VoucherRow) -> int:
    """A recovery of a payment that the bank has returned no longer counts, however it ended: `paid` has gone down by it."""
    asked_back = (
        select(col(RecoveryRow.amount_minor))
        .outerjoin(AttemptRow, col(AttemptRow.id) == col(RecoveryRow.attempt_id))
        .where(col(RecoveryRow.voucher_id) == voucher.id, col(AttemptRow.returned_on).is_(None))
    )
    return largest_recovery(voucher.paid_minor, list(await session.scalars(asked_back)))
