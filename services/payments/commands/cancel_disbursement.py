"""Finance cancels a disbursement that no bank has: its amount goes back to the envelope."""

from uuid import UUID

from services.payments.locks import lock_disbursement
from services.payments.queries.contradictions import refuse_while_frozen
from services.payments.queries.orphan_orders import blocks_cancellation
from services.payments.steps.cancellation import cancel
from services.payments.steps.instalments import keep_advance
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import DisbursementRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def cancel_disbursement(context: Context, disbursement_id: UUID, reason: str) -> DisbursementRow:
    """`Conflict` 'illegal-transition' when the bank may have it, 'ordered-before-restore' when a payment file orders it,
    'bank-line-open' while the bank contradicts itself about it, 'advance-stays' for an advance."""
    voucher, disbursement, attempt = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    await take_part(context, Duty.PREPARE, voucher.application_id, call_id=voucher.call_id)
    if await blocks_cancellation(context, disbursement_id):
        raise Conflict("ordered-before-restore", "A payment file from before the restore orders this: the bank's answer is awaited.")
    await refuse_while_frozen(context, disbursement)
    await keep_advance(context, disbursement)
    await cancel(context, voucher, disbursement, attempt, reason)
    await settle_if_run_out(context, voucher)
    return disbursement
