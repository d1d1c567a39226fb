"""Orders found in bank files of a lost database: which attempt each is, and what must not happen while that is open."""

from services.payments.domain.status import Happening, State, require_move
from services.payments.steps.events import about_attempt, tell
from services.payments.steps.reconciliation import apply_waiting_lines
from services.payments.tables import AttemptRow, BatchTransferRow, DisbursementRow, OrphanOrderRow, VoucherRow
from shared.contracts.payments import DisbursementOutcomeUnknown
from shared.messaging.context import Context


async def place_order(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> bool:
    """An approved attempt that the bank was given already is not sealed: its outcome is unknown until the bank's answers,
    which may have come before, say it. False when no file has it. The voucher is locked."""
    order = await context.session.get(OrphanOrderRow, attempt.id)
    if order is None or order.matched_at is not None:
        return False
    attempt.state = disbursement.state = require_move(State(attempt.state), Happening.FOUND)
    attempt.batch_id, order.matched_at = order.batch_id, context.now
    context.session.add(BatchTransferRow(attempt_id=attempt.id, batch_id=order.batch_id, disbursement_id=disbursement.id))
    by_rule = context.as_system()
    unknown = DisbursementOutcomeUnknown(**about_attempt(voucher, disbursement, attempt), batch_id=order.batch_id)
    tell(by_rule, voucher, unknown, "found-after-restore")
    await context.session.flush()
    await apply_waiting_lines(by_rule, disbursement, attempt.id)
    return True
