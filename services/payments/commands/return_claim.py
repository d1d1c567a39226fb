"""An officer returns a claim to the beneficiary, who corrects it and lodges it again."""

from uuid import UUID

from services.payments.domain.claims import refuse_while_suspended
from services.payments.locks import lock_claim
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.tables import ClaimRow
from shared.contracts.payments import ClaimReturned
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ClaimState
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def return_claim(context: Context, claim_id: UUID, note: str) -> ClaimRow:
    """`note` says what to correct; it stays in this database. Until when is the policy's term. The claim keeps its money and documents.

    `Conflict` 'claim-already-decided', or 'claim-without-lines' for one that was lodged as a whole and has no draft.
    """
    voucher, claim = await lock_claim(context, claim_id)
    authorise(context.actor, Permission.CHECK_CLAIM, region=claim.region)
    await take_part(context, Duty.CHECK_CLAIM, voucher.application_id, call_id=claim.call_id)
    if claim.state != ClaimState.LODGED:
        raise Conflict("claim-already-decided", "The claim is {state}.", state=claim.state)
    refuse_while_suspended(voucher.suspended)
    if claim.draft_id is None:
        raise Conflict("claim-without-lines", "This claim has no lines that could be corrected: reject it, and it can be lodged again.")
    policy = context.policies.get(voucher.policy_id)
    correct_by, calendar_id = policy.claim_correction_ends(context.now), policy.calendar_id(context.now)
    claim.state, claim.note, claim.correct_by = ClaimState.RETURNED, note, correct_by
    claim.decided_at, claim.decided_by = context.now, context.actor.id
    returned = ClaimReturned(**voucher_fields(voucher), claim_id=claim.id, correct_by=correct_by, calendar_id=calendar_id)
    publish_voucher_event(context, voucher, returned, "to-be-corrected")
    return claim
