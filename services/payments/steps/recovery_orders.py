"""Orders a recovery: paid money that is asked back."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.instalments import ClaimKind, unspent
from services.payments.domain.recoveries import reference_of
from services.payments.domain.settlement import largest_recovery
from services.payments.domain.states import ClosureReason
from services.payments.domain.status import AttemptState
from services.payments.queries.instalments import standing_of
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.tables import AttemptRow, ClaimRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import RecoveryOrdered
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context

ADVANCE_UNSPENT = "advance-unspent"


def add_recovery(context: Context, voucher: VoucherRow, recovery_id: UUID, amount_minor: int, reason: str) -> RecoveryRow:
    """Orders a recovery of an amount that `largest_amount` allows. The caller holds the lock on the voucher."""
    recovery = RecoveryRow(
        id=recovery_id, voucher_id=voucher.id, region=voucher.region, currency=voucher.currency, amount_minor=amount_minor,
        reason=reason, state=RecoveryState.ORDERED, ordered_by=context.actor.id, ordered_at=context.now,
        reference=reference_of(recovery_id),
    )  # fmt: skip
    context.session.add(recovery)
    ordered = RecoveryOrdered(**voucher_fields(voucher), recovery_id=recovery_id, amount_minor=amount_minor, currency=voucher.currency)
    publish_voucher_event(context, voucher, ordered, reason)
    return recovery


async def largest_amount(context: Context, voucher: VoucherRow) -> int:
    """What may be asked back. A recovery of a payment that the bank has returned does not count: `paid` has gone down by it."""
    asked_back = (
        select(col(RecoveryRow.amount_minor))
        .outerjoin(AttemptRow, col(AttemptRow.id) == col(RecoveryRow.attempt_id))
        .where(col(RecoveryRow.voucher_id) == voucher.id, col(AttemptRow.returned_on).is_(None))
    )
    return largest_recovery(voucher.paid_minor, list(await context.session.scalars(asked_back)))


async def recover_unspent_advance(context: Context, voucher: VoucherRow) -> bool:
    """Once no more claims come: asks back what of a paid advance no claim has settled. True when there is something to wait for.

    Of a revoked voucher everything is asked back already. The caller holds the lock on the voucher.
    """
    latest = (col(AttemptRow.disbursement_id) == col(DisbursementRow.id)) & (col(AttemptRow.number) == col(DisbursementRow.attempt))
    paid = (
        select(col(DisbursementRow.amount_minor), col(AttemptRow.id))
        .join(ClaimRow, col(ClaimRow.id) == col(DisbursementRow.claim_id))
        .join(AttemptRow, latest)
        .where(col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.kind) == ClaimKind.ADVANCE)
        .where(col(DisbursementRow.state) == AttemptState.PAID)
    )
    found = (await context.session.execute(paid)).one_or_none()
    if found is None or voucher.closure_reason == ClosureReason.REVOKED:
        return False
    left = min(unspent(found.amount_minor, (await standing_of(context, voucher)).settled_minor), await largest_amount(context, voucher))
    recovery_id = derive_id(found.id, ADVANCE_UNSPENT)
    if left == 0 or await context.session.get(RecoveryRow, recovery_id) is not None:
        return False
    add_recovery(context.as_system(), voucher, recovery_id, left, ADVANCE_UNSPENT).attempt_id = found.id
    await context.session.flush()
    return True
