"""Ends a voucher early: its beneficiary gives it up (withdrawn), or the agency takes it away (revoked)."""

from services.vouchers.domain.actions import may_stop, stage_after_stop
from services.vouchers.domain.stages import Stage
from services.vouchers.steps.attendance import end_attendance
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.release import request_release
from services.vouchers.steps.voucher import enter_stage, facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherRevoked, VoucherWithdrawn
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.context import Context


async def stop_voucher(context: Context, row: VoucherRow, outcome: VoucherOutcome, reason: str) -> None:
    """`row` is locked. Does nothing when the voucher has this outcome already. Raises `Conflict` not-offered-yet, already-ended."""
    if not may_stop(facts_of(row), outcome):
        return
    publish_voucher_event(context, row, VoucherWithdrawn if outcome is VoucherOutcome.WITHDRAWN else VoucherRevoked, reason)
    if stage_after_stop(facts_of(row)) is Stage.RELEASING:
        await request_release(context, row, outcome)
    else:
        enter_stage(context, row, Stage.SETTLING)
        row.outcome, row.suspended_at = outcome, None
        if context.policies.get(row.policy_id).benefit is not None:
            await end_attendance(context, row, outcome)
