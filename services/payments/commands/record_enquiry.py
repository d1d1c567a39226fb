"""The bank was asked what became of a payment that it has not answered. Nothing is sent again."""

from uuid import UUID

from services.payments.domain.status import Happening, State, require_move
from services.payments.locks import known_disbursement
from services.payments.tables import DisbursementRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def record_enquiry(context: Context, disbursement_id: UUID) -> DisbursementRow:
    voucher, disbursement, attempt = await known_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    require_move(State(attempt.state), Happening.ENQUIRED)
    attempt.enquired_at, attempt.enquired_by = context.now, context.actor.id
    return disbursement
