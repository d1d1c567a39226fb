"""A recovery ends: a second person has found the credit on the bank's statement that a machine could not match."""

from uuid import UUID

from services.payments.steps.recoveries import CREDIT_NAMED, is_credit_used, lock_open_recovery, settle
from services.payments.tables import RecoveryRow
from shared.identity.permissions import Permission
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def settle_recovery(context: Context, recovery_id: UUID, bank_reference: str) -> RecoveryRow:
    """By a person who names the bank's reference of the credit. The amount is available again.

    `Conflict` 'already-returned', or 'reference-used' when another recovery was settled with the same credit.
    """
    voucher, recovery = await lock_open_recovery(context, Permission.SETTLE_RECOVERY, recovery_id)
    if voucher.recovered_minor + recovery.amount_minor > voucher.paid_minor:
        raise Conflict("already-returned", "The bank has returned the payment since: close this recovery by a write-off.")
    if await is_credit_used(context, bank_reference):
        raise Conflict("reference-used", "Another recovery was settled with this reference of the bank.")
    await settle(context, voucher, recovery, bank_reference, CREDIT_NAMED)
    return recovery
