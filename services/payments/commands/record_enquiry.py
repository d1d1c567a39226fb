"""Finance has asked the bank about a payment that it has not answered. Nothing is sent again."""

from uuid import UUID

from services.payments.domain.status import AttemptState, PaymentEvent, require_move
from services.payments.locks import lock_disbursement
from services.payments.tables import DisbursementRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def record_enquiry(context: Context, disbursement_id: UUID) -> DisbursementRow:
    """`Conflict` 'illegal-transition' unless the outcome is unknown."""
    voucher, disbursement, attempt = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    require_move(AttemptState(attempt.state), PaymentEvent.ENQUIRED)
    attempt.enquired_at, attempt.enquired_by = context.now, context.actor.id
    return disbursement
