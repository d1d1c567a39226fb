"""A claim is refused, with the rules that it breaks; its documents and its amount are free again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.payments.locks import known_claim
from services.payments.steps.events import about, tell
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import ClaimRow, EvidenceRow, VoucherRow
from shared.contracts.payments import ClaimRejected
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def reject_claim(context: Context, claim_id: UUID, rules: Sequence[str], note: str | None) -> ClaimRow:
    """`note` is for the beneficiary and stays in this database; the event carries the rules alone."""
    voucher, claim = await known_claim(context, claim_id)
    authorise(context.actor, Permission.CHECK_CLAIM, region=claim.region)
    if claim.state != "lodged":
        raise Conflict("already-decided", f"The claim is {claim.state}.")
    await reject(context, voucher, claim, rules, note)
    await settle_if_run_out(context, voucher)
    return claim


async def reject(context: Context, voucher: VoucherRow, claim: ClaimRow, rules: Sequence[str], note: str | None) -> None:
    """A claim that is lodged, or accepted and not yet disbursed."""
    voucher.claimed_minor -= claim.requested_minor if claim.granted_minor is None else claim.granted_minor
    claim.state, claim.rules, claim.note = "rejected", list(rules), note
    claim.decided_at, claim.decided_by = context.now, context.actor.id
    await context.session.execute(update(EvidenceRow).where(col(EvidenceRow.claim_id) == claim.id).values(live=False))
    rejected = ClaimRejected(**about(voucher), claim_id=claim.id, rules=list(rules))
    tell(context, voucher, rejected, rules[0])
