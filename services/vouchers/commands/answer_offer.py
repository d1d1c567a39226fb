"""The beneficiary answers the offer."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.common import enter, facts, locked, tell
from services.vouchers.commands.release_funds import release_funds
from services.vouchers.domain.actions import may_accept, may_decline
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import OfferDeclined, VoucherAccepted
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.messaging.cause import Cause


async def answer_offer(session: AsyncSession, cause: Cause, actor: Actor, voucher_id: UUID, *, accept: bool) -> VoucherRow:
    """In time or never: the instant decides, under the lock that a lapse takes too. The same answer twice is harmless."""
    row = await locked(session, voucher_id)
    authorise(actor, Permission.ANSWER_OFFER, region=row.region, owner=row.organisation_id)
    if not (may_accept if accept else may_decline)(facts(row), cause.now):
        return row
    row.answered_at = cause.now
    if accept:
        enter(cause, row, Stage.ACCEPTED)
        tell(session, cause, row, VoucherAccepted, "accepted")
    else:
        tell(session, cause, row, OfferDeclined, "declined")
        release_funds(session, cause, row, Outcome.DECLINED)
    return row
