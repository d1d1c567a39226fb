"""A recovery ends: the money has come back."""

from uuid import UUID

from services.payments.domain.ledger import EntryKind
from services.payments.steps.ledger import move_money
from services.payments.steps.recoveries import close_recovery, lock_open_recovery
from services.payments.tables import RecoveryRow
from shared.identity.permissions import Permission
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context


async def settle_recovery(context: Context, recovery_id: UUID) -> RecoveryRow:
    """The amount is available in the envelope again."""
    voucher, recovery = await lock_open_recovery(context, Permission.SETTLE_RECOVERY, recovery_id)
    if voucher.recovered_minor + recovery.amount_minor > voucher.paid_minor:
        raise Conflict("already-returned", "The bank has returned the payment since: close this recovery by a write-off.")
    await move_money(context, voucher, EntryKind.RECOVERED, recovery.amount_minor, recovery.id)
    await close_recovery(context, voucher, recovery, RecoveryState.SETTLED, "money-came-back")
    return recovery
