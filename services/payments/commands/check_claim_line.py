"""An officer accepts a line of a claim, or cuts it with a reason."""

from uuid import UUID

from services.payments.domain.claim_lines import check_cut
from services.payments.domain.claims import refuse_while_suspended
from services.payments.locks import lock_claim
from services.payments.tables import ClaimLineRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def check_claim_line(context: Context, claim_id: UUID, number: int, cut_minor: int, reason: str | None) -> None:
    """`cut_minor` 0 accepts the whole line. It may be changed until the claim is decided. The reason is for the beneficiary, and in no
    event. Raises as `check_cut`; `NotFound` 'unknown-line'; `Conflict` 'claim-already-decided'."""
    voucher, claim = await lock_claim(context, claim_id)
    authorise(context.actor, Permission.CHECK_CLAIM, region=claim.region)
    await take_unpublished_part(context, Duty.CHECK_CLAIM, voucher.application_id, call_id=claim.call_id)
    if claim.state != ClaimState.LODGED:
        raise Conflict("claim-already-decided", "The claim is {state}.", state=claim.state)
    refuse_while_suspended(voucher.suspended)
    line = await context.session.get(ClaimLineRow, (claim_id, number))
    if line is None:
        raise NotFound("unknown-line", "There is no such line.")
    check_cut(Money(line.claimed_minor, voucher.currency), cut_minor, reason)
    line.cut_minor, line.cut_reason = cut_minor, reason if cut_minor else None
    line.checked_by, line.checked_at = context.actor.id, context.now
