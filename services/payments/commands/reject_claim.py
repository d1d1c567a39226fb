"""An officer rejects a claim, with the rules that it breaks."""

from collections.abc import Sequence
from uuid import UUID

from services.payments.locks import lock_claim
from services.payments.steps.rejection import reject
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import ClaimRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ClaimState
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def reject_claim(context: Context, claim_id: UUID, rules: Sequence[str], note: str | None) -> ClaimRow:
    """`note` is for the beneficiary and stays in this database; the event has the rules alone."""
    voucher, claim = await lock_claim(context, claim_id)
    authorise(context.actor, Permission.CHECK_CLAIM, region=claim.region)
    await take_part(context, Duty.CHECK_CLAIM, voucher.application_id, call_id=claim.call_id)
    if claim.state != ClaimState.LODGED:
        raise Conflict("claim-already-decided", "The claim is {state}.", state=claim.state)
    await reject(context, voucher, claim, rules, note)
    await settle_if_run_out(context, voucher)
    return claim
