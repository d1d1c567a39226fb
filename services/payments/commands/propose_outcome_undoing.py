"""A person of finance says that a confirmed proof was read wrongly: once a second one confirms, the outcome is unknown again."""

from uuid import UUID

from services.payments.domain.outcomes import UNKNOWN_AGAIN
from services.payments.domain.states import ProposalState
from services.payments.locks import lock_disbursement
from services.payments.queries.undoing import said_by_proof, undone_state
from services.payments.steps.outcome_proofs import refuse_second_proof
from services.payments.steps.two_persons import proposal_of
from services.payments.tables import OutcomeProofRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def propose_outcome_undoing(context: Context, proof_id: UUID, reason: str) -> OutcomeProofRow:
    """`NotFound` 'no-such-proposal'; `Conflict` 'proof-not-confirmed', 'proof-proposed-already', and as `state_undone`."""
    undone = await proposal_of(context, OutcomeProofRow, proof_id)
    voucher, disbursement, _ = await lock_disbursement(context, undone.disbursement_id)
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=voucher.region)
    if undone.state != ProposalState.CONFIRMED or undone.undoes is not None:
        raise Conflict("proof-not-confirmed", "Nothing follows from this proof: it is not confirmed, or is an undoing itself.")
    await refuse_second_proof(context, disbursement.id)
    await undone_state(context, said_by_proof(undone))
    proposed = OutcomeProofRow(
        id=new_id(), disbursement_id=disbursement.id, attempt_id=undone.attempt_id, organisation_id=voucher.organisation_id,
        region=voucher.region, outcome=UNKNOWN_AGAIN, on=undone.on, reason=reason, undoes=undone.id, proposed_by=context.actor.id,
        proposed_at=context.now,
    )  # fmt: skip
    context.session.add(proposed)
    await context.session.flush()
    return proposed
