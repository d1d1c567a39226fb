"""The bank answered on one disbursement of a batch."""

from services.vouchers.deadlines.locks import lock_batch
from shared.contracts.payments import DisbursementAccepted, DisbursementPaid, DisbursementRejected
from shared.messaging.context import Context


async def record_bank_answer(context: Context, event: DisbursementAccepted | DisbursementRejected | DisbursementPaid) -> bool:
    """True when with this answer the bank has answered on all of a sent batch. An answer may arrive before BatchSent."""
    row = await lock_batch(context, event.batch_id)
    if event.disbursement_id not in row.answered:
        row.answered = [*row.answered, event.disbursement_id]
    return row.complete
