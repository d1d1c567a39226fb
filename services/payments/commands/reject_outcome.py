"""A proof of an unknown outcome is rejected, or taken back by who gave it: the outcome stays unknown."""

from uuid import UUID

from services.payments.steps.outcome_proofs import lock_open_proof
from services.payments.steps.two_persons import reject
from services.payments.tables import OutcomeProofRow
from shared.messaging.context import Context


async def reject_outcome(context: Context, proof_id: UUID) -> OutcomeProofRow:
    """`NotFound` 'no-such-proposal', `Conflict` 'decided-already'."""
    _, proof = await lock_open_proof(context, proof_id)
    reject(context, proof)
    return proof
