"""A recovery ends: it is given up by a decision with a reason."""

from uuid import UUID

from services.payments.steps.recoveries import close_recovery, lock_open_recovery
from services.payments.tables import RecoveryRow
from shared.identity.permissions import Permission
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context


async def write_off_recovery(context: Context, recovery_id: UUID, reason: str) -> RecoveryRow:
    """Decided by another person than the one who ordered it (`lock_open_recovery`)."""
    voucher, recovery = await lock_open_recovery(context, Permission.WRITE_OFF, recovery_id)
    await close_recovery(context, voucher, recovery, RecoveryState.WRITTEN_OFF, reason)
    return recovery
