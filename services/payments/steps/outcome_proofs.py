"""A proof of the bank about an unknown outcome, with its payment, locked."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import ProposalState
from services.payments.locks import LockedDisbursement, lock_disbursement
from services.payments.steps.two_persons import lock_open_proposal, proposal_of
from services.payments.tables import OutcomeProofRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def lock_open_proof(context: Context, proof_id: UUID) -> tuple[LockedDisbursement, OutcomeProofRow]:
    """`NotFound` 'no-such-proposal', `Conflict` 'decided-already'."""
    proof = await proposal_of(context, OutcomeProofRow, proof_id)
    locked = await lock_disbursement(context, proof.disbursement_id)
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=locked[0].region)
    return locked, await lock_open_proposal(context, OutcomeProofRow, proof_id)


async def refuse_second_proof(context: Context, disbursement_id: UUID) -> None:
    """`Conflict` 'proof-proposed-already'."""
    waiting = (col(OutcomeProofRow.disbursement_id) == disbursement_id, col(OutcomeProofRow.state) == ProposalState.PROPOSED)
    if await context.session.scalar(select(col(OutcomeProofRow.id)).where(*waiting)) is not None:
        raise Conflict("proof-proposed-already", "Another proof of this payment's outcome waits for its confirmation.")
