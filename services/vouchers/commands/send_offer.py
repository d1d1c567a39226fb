"""The money is reserved: the beneficiary is offered the voucher."""

from services.vouchers.domain.actions import may_offer
from services.vouchers.domain.stages import Stage
from services.vouchers.domain.terms import answer_by
from services.vouchers.steps.events import amount_of, publish_voucher_event
from services.vouchers.steps.voucher import enter_stage, facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherOffered
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def send_offer(context: Context, row: VoucherRow, policy: Policy) -> None:
    """`row` is locked. Does nothing when the voucher was offered before, or while payments has not reserved the money."""
    if not may_offer(facts_of(row)):
        return
    enter_stage(context, row, Stage.OFFERED)
    row.offered_at, row.answer_by = context.now, answer_by(policy, context.now)
    fields = {"award_id": row.award_id, "organisation_id": row.organisation_id, "answer_by": row.answer_by}
    fields |= {"calendar_id": policy.calendar_id(context.now)}
    publish_voucher_event(context, row, VoucherOffered, "funds-reserved", **fields, **amount_of(row))
