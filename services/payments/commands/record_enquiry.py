"""The bank was asked what became of a payment that it has not answered. Nothing is sent again."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.rows import known_disbursement
from services.payments.domain.status import Happening, State, require_move
from services.payments.tables import DisbursementRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.messaging.cause import Cause


async def record_enquiry(session: AsyncSession, cause: Cause, actor: Actor, disbursement_id: UUID) -> DisbursementRow:
    voucher, disbursement, attempt = await known_disbursement(session, disbursement_id)
    authorise(actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    require_move(State(attempt.state), Happening.ENQUIRED)
    attempt.enquired_at, attempt.enquired_by = cause.now, actor.id
    return disbursement
