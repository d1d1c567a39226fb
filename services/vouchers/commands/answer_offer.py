"""The beneficiary answers the offer."""

from uuid import UUID

from services.vouchers.domain.actions import may_accept, may_decline
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.steps.release import release_funds
from services.vouchers.steps.voucher import enter, facts, locked, tell
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import OfferDeclined, VoucherAccepted
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def answer_offer(context: Context, voucher_id: UUID, *, accept: bool) -> VoucherRow:
    """In time or never: the instant decides, under the lock that a lapse takes too. The same answer twice is harmless."""
    row = await locked(context, voucher_id)
    authorise(context.actor, Permission.ANSWER_OFFER, region=row.region, owner=row.organisation_id)
    if not (may_accept if accept else may_decline)(facts(row), context.now):
        return row
    row.answered_at = context.now
    if accept:
        enter(context, row, Stage.ACCEPTED)
        tell(context, row, VoucherAccepted, "accepted")
    else:
        tell(context, row, OfferDeclined, "declined")
        release_funds(context, row, Outcome.DECLINED)
    return row
