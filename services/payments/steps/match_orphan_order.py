"""Matches an approved attempt to an orphan order: the payment file that orders it is from before a restore."""

from services.payments.domain.status import AttemptState, PaymentEvent, require_move
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.steps.reconciliation import reconcile_waiting_lines
from services.payments.tables import AttemptRow, BatchTransferRow, DisbursementRow, OrphanOrderRow, VoucherRow
from shared.contracts.payments import DisbursementOutcomeUnknown
from shared.messaging.context import Context


async def match_orphan_order(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> bool:
    """True when a payment file orders this attempt: it is then unknown instead of being sealed, until the bank's answers decide it.

    Answers that have been read before are applied at once. The caller holds the lock on the voucher.
    """
    order = await context.session.get(OrphanOrderRow, attempt.id)
    if order is None or order.matched_at is not None:
        return False
    attempt.state = disbursement.state = require_move(AttemptState(attempt.state), PaymentEvent.ORPHAN_MATCHED)
    attempt.batch_id, order.matched_at = order.batch_id, context.now
    context.session.add(BatchTransferRow(attempt_id=attempt.id, batch_id=order.batch_id, disbursement_id=disbursement.id))
    by_rule = context.as_system()
    unknown = DisbursementOutcomeUnknown(**disbursement_fields(voucher, disbursement, attempt), batch_id=order.batch_id)
    publish_voucher_event(by_rule, voucher, unknown, "ordered-before-restore")
    await context.session.flush()
    await reconcile_waiting_lines(by_rule, disbursement, attempt.id)
    return True
