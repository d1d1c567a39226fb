"""An officer has checked a claim and grants it, or a part of it."""

from uuid import UUID

from services.payments.locks import known_claim
from services.payments.steps.events import about, tell
from services.payments.tables import ClaimRow
from shared.contracts.payments import ClaimAccepted
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context


async def accept_claim(context: Context, claim_id: UUID, granted_minor: int | None) -> ClaimRow:
    """`granted_minor` None grants all that is requested; what is not granted may be claimed again."""
    voucher, claim = await known_claim(context, claim_id)
    authorise(context.actor, Permission.CHECK_CLAIM, region=claim.region)
    granted = claim.requested_minor if granted_minor is None else granted_minor
    if claim.state != "lodged":
        raise Conflict("already-decided", f"The claim is {claim.state}.")
    if voucher.suspended:
        raise Conflict("suspended", "The voucher is suspended: decisions rest until it is resumed.")
    if granted > claim.requested_minor:
        raise Refused("above-request", "More cannot be granted than was asked for.", field="granted_minor")
    policy = context.policies.get(voucher.policy_id)
    claim.state, claim.granted_minor = "accepted", granted
    claim.decided_at, claim.decided_by = context.now, context.actor.id
    claim.pay_by = policy.capped_deadline(policy.claims.pay_within, context.now)
    voucher.claimed_minor -= claim.requested_minor - granted
    accepted = ClaimAccepted(**about(voucher), claim_id=claim.id, granted_minor=granted, currency=voucher.currency, pay_by=claim.pay_by)
    tell(context, voucher, accepted, "claim-in-order")
    return claim
