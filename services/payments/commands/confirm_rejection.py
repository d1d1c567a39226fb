"""A second person has asked the bank: the rejected payment was not made, so the next attempt need not wait for the statement."""

from uuid import UUID

from services.payments.domain.status import AttemptState
from services.payments.locks import lock_disbursement
from services.payments.queries.contradictions import refuse_while_frozen
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.tables import DisbursementRow
from shared.contracts.payments import DisbursementRejectionConfirmed
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def confirm_rejection(context: Context, disbursement_id: UUID, reason: str) -> DisbursementRow:
    """By a person who prepared no payment of the case; who confirms does not prepare the next attempt either.

    `Conflict` 'not-rejected', or 'bank-line-open' while the bank contradicts itself about the payment.
    """
    voucher, disbursement, attempt = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=voucher.region)
    if attempt.state != AttemptState.REJECTED:
        raise Conflict("not-rejected", "The payment is {state}: there is no rejection to confirm.", state=attempt.state)
    await refuse_while_frozen(context, disbursement)
    await take_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, call_id=voucher.call_id)
    if attempt.rejection_confirmed_at is None:
        attempt.rejection_confirmed_at, attempt.rejection_confirmed_by = context.now, context.actor.id
        confirmed = DisbursementRejectionConfirmed(**disbursement_fields(voucher, disbursement, attempt))
        publish_voucher_event(context, voucher, confirmed, reason)
    return disbursement
