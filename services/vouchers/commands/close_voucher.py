"""The end of a lifecycle."""

from services.vouchers.domain.actions import final_outcome, may_close
from services.vouchers.domain.stages import Stage
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import enter_stage, facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherClosed, VoucherExpired, VoucherNotFunded
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def close_voucher(context: Context, row: VoucherRow, policy: Policy) -> None:
    """`row` is locked. A voucher that was never offered was not funded; one without any claim has expired. Does nothing when the voucher
    is closed, or while payments has not replied."""
    if not may_close(facts_of(row)):
        return
    outcome = VoucherOutcome.NOT_FUNDED if row.state == Stage.REQUESTED else final_outcome(facts_of(row))
    enter_stage(context, row, Stage.CLOSED)
    row.outcome, row.closed_at = outcome, context.now
    if outcome is VoucherOutcome.NOT_FUNDED:
        rule = row.refused_rule or "envelope-exhausted"
        publish_voucher_event(context, row, VoucherNotFunded, rule, award_id=row.award_id, rule=rule)
    if outcome is VoucherOutcome.EXPIRED:
        publish_voucher_event(context, row, VoucherExpired, "never-claimed")
    publish_voucher_event(context, row, VoucherClosed, outcome, outcome=outcome)
