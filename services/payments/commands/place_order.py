"""Orders found in bank files of a lost database: which attempt each is, and what must not happen while that is open."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.about import about_attempt, tell
from services.payments.commands.apply_bank_line import apply_waiting_lines
from services.payments.domain.status import Happening, State, require_move
from services.payments.tables import AttemptRow, BatchTransferRow, DisbursementRow, FoundOrderRow, VoucherRow
from shared.contracts.payments import DisbursementOutcomeUnknown
from shared.messaging.cause import SYSTEM, Cause


async def place_order(session: AsyncSession, cause: Cause, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> bool:
    """An approved attempt that the bank was given already is not sealed: its outcome is unknown until the bank's answers,
    which may have come before, say it. False when no file has it. The voucher is locked."""
    order = await session.get(FoundOrderRow, attempt.id)
    if order is None or order.placed_at is not None:
        return False
    attempt.state = disbursement.state = require_move(State(attempt.state), Happening.FOUND)
    attempt.batch_id, order.placed_at = order.batch_id, cause.now
    session.add(BatchTransferRow(attempt_id=attempt.id, batch_id=order.batch_id, disbursement_id=disbursement.id))
    by_itself = replace(cause, actor=SYSTEM)
    unknown = DisbursementOutcomeUnknown(**about_attempt(voucher, disbursement, attempt), batch_id=order.batch_id)
    tell(session, by_itself, voucher, unknown, "found-after-restore")
    await session.flush()
    await apply_waiting_lines(session, by_itself, disbursement, attempt.id)
    return True
