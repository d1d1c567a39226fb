"""The end of a lifecycle."""

from services.vouchers.domain.actions import final_outcome
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.steps.voucher import enter, facts, tell
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherClosed, VoucherExpired, VoucherNotFunded
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def close_voucher(context: Context, row: VoucherRow, policy: Policy) -> None:
    """`row` is locked. A voucher that was never offered was not funded; one on which nothing was ever claimed has expired."""
    if row.state == Stage.CLOSED:
        return
    outcome = Outcome.NOT_FUNDED if row.state == Stage.REQUESTED else final_outcome(facts(row))
    enter(context, row, Stage.CLOSED)
    row.outcome, row.closed_at = outcome, context.now
    if outcome is Outcome.NOT_FUNDED:
        tell(context, row, VoucherNotFunded, "envelope-exhausted", award_id=row.award_id)
    if outcome is Outcome.EXPIRED:
        tell(context, row, VoucherExpired, "never-claimed")
    tell(context, row, VoucherClosed, outcome, outcome=outcome)
