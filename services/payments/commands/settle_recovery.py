"""A recovery ends: a second person has found the credit on the bank's statement that a machine could not match."""

from uuid import UUID

from services.payments.steps.recoveries import settle_by_person
from services.payments.tables import RecoveryRow
from shared.messaging.context import Context


async def settle_recovery(context: Context, recovery_id: UUID, bank_reference: str) -> RecoveryRow:
    """By a person who names the bank's reference of the credit. The amount is available again. Raises as `settle_by_person`."""
    return await settle_by_person(context, recovery_id, bank_reference)
