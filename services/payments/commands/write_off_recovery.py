"""A recovery ends: it is given up by a decision with a reason."""

from uuid import UUID

from services.payments.steps.recoveries import close_recovery, lock_open_recovery
from services.payments.tables import RecoveryRow
from shared.identity.permissions import Permission
from shared.identity.separation import require_distinct
from shared.kernel.errors import Forbidden
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context


async def write_off_recovery(context: Context, recovery_id: UUID, reason: str) -> RecoveryRow:
    """Decided by another person than the one who ordered it."""
    voucher, recovery = await lock_open_recovery(context, Permission.WRITE_OFF, recovery_id)
    ordered = Forbidden("ordered-it", "You ordered this recovery, so another person has to write it off.")
    require_distinct(context.actor.id, {recovery.ordered_by}, ordered)
    await close_recovery(context, voucher, recovery, RecoveryState.WRITTEN_OFF, reason)
    return recovery
